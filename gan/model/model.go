package model

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/nets"
	"github.com/dpgan/dpgan/internal/atomicfile"
	"github.com/dpgan/dpgan/tabular"
)

// format names the layout of the metadata. A reader refuses others.
const format = "dpgan-model-2"

// Model is what a run leaves: the generator, how columns are cut, and what it cost. It
// holds no row of the data.
type Model struct {
	domain    *tabular.Domain
	config    nets.ModelConfig
	generator *Generator
	privacy   Statement
}

// Domain is the table's schema and the rules that every row of a sample keeps, compiled.
func (m *Model) Domain() *tabular.Domain { return m.domain }

// Generator is what rows are drawn from.
func (m *Model) Generator() *Generator { return m.generator }

// Privacy is what the model cost.
func (m *Model) Privacy() Statement { return m.privacy }

// Save writes the model to path, whole or not at all.
func (m *Model) Save(path string) error {
	metadata := map[string]string{"format": format}
	parts := map[string]any{"schema": m.domain.Schema(), "model": m.config, "privacy": m.privacy, "mixture": m.generator}
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
	return atomicfile.Write(path, func(w io.Writer) error { return WriteSafetensors(w, m.generator.Tensors, metadata) })
}

// Load reads a model file. Its errors name the file and what is wrong.
func Load(path string) (*Model, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("gan: model: %w", err)
	}
	m, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("gan: model %s: %w", path, err)
	}
	return m, nil
}

func parse(data []byte) (*Model, error) {
	tensors, metadata, err := ReadSafetensors(data)
	if err != nil {
		return nil, err
	}
	if got := metadata["format"]; got != format {
		return nil, fmt.Errorf("format %q, not %q: not a dpgan model, or of another version", got, format)
	}
	m := &Model{}
	var (
		schema tabular.Schema
		rules  []tabular.Rule
	)
	parts := map[string]any{"schema": &schema, "model": &m.config, "privacy": &m.privacy, "mixture": &m.generator}
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
	if m.generator == nil {
		return nil, fmt.Errorf("metadata %q: is null", "mixture")
	}
	return m, m.generator.load(m.domain, tensors)
}

// New makes the model of a run on domain: its generator, and the rules that
// were found.
func New(domain *tabular.Domain, config nets.ModelConfig, generator *Generator, found []marginal.DependencyMap, privacy Statement) (*Model, error) {
	m := &Model{config: config, privacy: privacy, generator: generator}
	declared, named, err := marginal.CompleteRules(domain.Rules, found)
	if err != nil {
		return nil, err
	}
	if m.domain, err = tabular.NewDomain(domain.Codec, declared); err != nil {
		return nil, err
	}
	m.privacy.Found = named
	m.generator.Differences, err = domain.Rules.FindDifferences(generator.Differences)
	return m, err
}
