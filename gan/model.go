package gan

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/tabular"
)

// modelFormat names the layout of the metadata. A reader refuses others.
const modelFormat = "dpgan-model-1"

// Model is what a run leaves: the generator's moving average, how columns are
// encoded, and what it cost. It holds no row of the data.
type Model struct {
	codec     *tabular.Codec
	config    ModelConfig
	marginals Marginals     // of pure mode
	mixture   *mixtureModel // of the others
	rules     *tabular.Rules
	privacy   PrivacyStatement
	tensors   Tensors
}

// Codec is the table's schema, compiled.
func (m *Model) Codec() *tabular.Codec { return m.codec }

// Rules are what every row of a sample keeps.
func (m *Model) Rules() *tabular.Rules { return m.rules }

// Privacy is what the model cost.
func (m *Model) Privacy() PrivacyStatement { return m.privacy }

// Tensors are the generator's parameters and running statistics.
func (m *Model) Tensors() Tensors { return m.tensors }

// Save writes the model to path, whole or not at all.
func (m *Model) Save(path string) error {
	metadata := map[string]string{"format": modelFormat}
	parts := map[string]any{"schema": m.codec.Schema(), "model": m.config, "privacy": m.privacy}
	if m.mixture != nil {
		parts["mixture"] = m.mixture
	} else {
		parts["marginals"] = m.marginals
	}
	if rules := m.rules.Declared(); len(rules) > 0 {
		parts["rules"] = rules
	}
	for key, value := range parts {
		text, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("gan: model %s: %w", key, err)
		}
		metadata[key] = string(text)
	}
	return writeFile(path, func(w io.Writer) error { return writeSafetensors(w, m.tensors, metadata) })
}

// LoadModel reads a model file. Its errors name the file and what is wrong.
func LoadModel(path string) (*Model, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("gan: model: %w", err)
	}
	m, err := parseModel(data)
	if err != nil {
		return nil, fmt.Errorf("gan: model %s: %w", path, err)
	}
	return m, nil
}

func parseModel(data []byte) (*Model, error) {
	tensors, metadata, err := readSafetensors(data)
	if err != nil {
		return nil, err
	}
	if got := metadata["format"]; got != modelFormat {
		return nil, fmt.Errorf("format %q, not %q: not a dpgan model, or of another version", got, modelFormat)
	}
	m := &Model{tensors: tensors}
	var (
		schema tabular.Schema
		rules  []tabular.Rule
	)
	parts := map[string]any{"schema": &schema, "model": &m.config, "privacy": &m.privacy}
	if _, fitted := metadata["mixture"]; fitted {
		parts["mixture"] = &m.mixture
	} else {
		parts["marginals"] = &m.marginals
	}
	if _, ruled := metadata["rules"]; ruled {
		parts["rules"] = &rules
	}
	for key, value := range parts {
		if err := json.Unmarshal([]byte(metadata[key]), value); err != nil {
			return nil, fmt.Errorf("metadata %q: %w", key, err)
		}
	}
	if m.codec, err = schema.Compile(); err != nil {
		return nil, err
	}
	if m.rules, err = m.codec.CompileRules(rules); err != nil {
		return nil, err
	}
	if err := m.config.Validate(); err != nil {
		return nil, err
	}
	if m.mixture != nil {
		return m, m.mixture.load(m.codec, m.rules, tensors)
	}
	if err := m.marginals.fit(m.codec); err != nil {
		return nil, err
	}
	shape := newGeneratorShape(m.config.Generator, m.marginals.layout())
	for _, s := range []*store{&shape.parameters, &shape.running} {
		if _, err := s.join(tensors, ""); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// fit checks that the encodings cut the columns of codec.
func (m *Marginals) fit(codec *tabular.Codec) error {
	n := len(codec.Learned())
	if len(m.Encodings) != n || len(m.Shares) != n {
		return fmt.Errorf("%d encodings and %d tables for %d columns", len(m.Encodings), len(m.Shares), n)
	}
	for j, e := range m.Encodings {
		modes := len(e.Edges) - 1
		if modes < 1 || len(m.Shares[j]) != modes || e.Edges[0] != 0 || e.Edges[modes] != codec.Size(j) {
			return fmt.Errorf("column %d: the modes do not cover its %d codes", j, codec.Size(j))
		}
		for k := range modes {
			if e.Edges[k+1] <= e.Edges[k] {
				return fmt.Errorf("column %d: edges do not ascend", j)
			}
		}
	}
	return nil
}

// take adds what is known of the rows beforehand, and how they were told to tables.
func (m *Model) take(rules *tabular.Rules, tables *joint) error {
	m.rules = rules
	if tables == nil {
		return nil
	}
	declared, named, err := withMaps(rules, tables.Found)
	if err != nil {
		return err
	}
	if m.rules, err = m.codec.CompileRules(declared); err != nil {
		return err
	}
	m.privacy.Found = named
	m.mixture.Differences, err = sameDifferences(rules, tables.Differences)
	return err
}

// newModel keeps the generator's moving average of state, settled.
func newModel(dev device.Device, codec *tabular.Codec, config ModelConfig, marginals *Marginals, state State, seed uint64, privacy PrivacyStatement) (*Model, error) {
	m := &Model{codec: codec, config: config, marginals: *marginals, privacy: privacy}
	shape := newGeneratorShape(config.Generator, marginals.layout())
	parameters, err := shape.parameters.join(state.Tensors, "average/")
	if err != nil {
		return nil, err
	}
	running, err := shape.running.join(state.Tensors, "")
	if err != nil {
		return nil, err
	}
	m.tensors = Tensors{}
	shape.parameters.slice(m.tensors, "", parameters)
	shape.running.slice(m.tensors, "", running)
	if parameters, running, err = settle(dev, m, seed); err != nil {
		return nil, err
	}
	shape.parameters.slice(m.tensors, "", parameters)
	shape.running.slice(m.tensors, "", running)
	return m, nil
}
