package gan

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/dpgan/dpgan/tabular"
)

// modelFormat names the layout of the metadata. A reader refuses others.
const modelFormat = "dpgan-model-2"

// Model is what a run leaves: the generator, how columns are cut, and what it cost. It
// holds no row of the data.
type Model struct {
	domain  *tabular.Domain
	config  ModelConfig
	mixture *mixtureModel
	privacy PrivacyStatement
	tensors Tensors
}

// Domain is the table's schema and the rules that every row of a sample keeps, compiled.
func (m *Model) Domain() *tabular.Domain { return m.domain }

// Privacy is what the model cost.
func (m *Model) Privacy() PrivacyStatement { return m.privacy }

// Tensors are the generator's parameters.
func (m *Model) Tensors() Tensors { return m.tensors }

// Save writes the model to path, whole or not at all.
func (m *Model) Save(path string) error {
	metadata := map[string]string{"format": modelFormat}
	parts := map[string]any{"schema": m.domain.Schema(), "model": m.config, "privacy": m.privacy, "mixture": m.mixture}
	if rules := m.domain.Rules.Declared(); len(rules) > 0 {
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
	parts := map[string]any{"schema": &schema, "model": &m.config, "privacy": &m.privacy, "mixture": &m.mixture}
	if _, ruled := metadata["rules"]; ruled {
		parts["rules"] = &rules
	}
	for key, value := range parts {
		if err := json.Unmarshal([]byte(metadata[key]), value); err != nil {
			return nil, fmt.Errorf("metadata %q: %w", key, err)
		}
	}
	codec, err := schema.Compile()
	if err != nil {
		return nil, err
	}
	if m.domain, err = tabular.NewDomain(codec, rules); err != nil {
		return nil, err
	}
	if err := m.config.Validate(); err != nil {
		return nil, err
	}
	if m.mixture == nil {
		return nil, fmt.Errorf("metadata %q: is null", "mixture")
	}
	return m, m.mixture.load(m.domain, tensors)
}

// newModel makes the model of a run on domain: what its mixture is, and the rules that
// were found.
func newModel(domain *tabular.Domain, config ModelConfig, mixture *mixtureModel, found []foundMap, privacy PrivacyStatement) (*Model, error) {
	m := &Model{config: config, privacy: privacy, mixture: mixture, tensors: mixture.tensors}
	declared, named, err := withMaps(domain.Rules, found)
	if err != nil {
		return nil, err
	}
	if m.domain, err = tabular.NewDomain(domain.Codec, declared); err != nil {
		return nil, err
	}
	m.privacy.Found = named
	m.mixture.Differences, err = domain.Rules.FindDifferences(mixture.Differences)
	return m, err
}
