package model

import (
	"fmt"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/mixture"
	"github.com/dpgan/dpgan/gan/nets"
	"github.com/dpgan/dpgan/tabular"
)

// Generator is what training leaves: how columns are cut, and a generator over
// atoms (its tensors are the model's).
type Generator struct {
	Columns []marginal.Binning `json:"columns"`
	Atoms   nets.AtomsConfig   `json:"atoms"`
	// Differences are the columns of which Columns cuts the distance from another.
	Differences []tabular.Difference `json:"differences,omitempty"`

	Tensors nets.Tensors `json:"-"`
	mixture *mixture.Mixture
}

// load builds the mixture from the tensors, which come from a file.
func (m *Generator) load(domain *tabular.Domain, tensors nets.Tensors) (err error) {
	if m.Differences, err = domain.Rules.FindDifferences(m.Differences); err != nil {
		return err
	}
	codec := domain.WithDifferences(m.Differences)
	if len(m.Columns) != len(codec.Learned()) {
		return fmt.Errorf("cells of %d columns for %d", len(m.Columns), len(codec.Learned()))
	}
	for j := range m.Columns {
		if err := m.Columns[j].Check(codec.Size(j)); err != nil {
			return fmt.Errorf("column %d: %w", j, err)
		}
	}
	m.Tensors = tensors
	return nets.CheckGenerator(m.Atoms, marginal.Layout(m.Columns), tensors)
}

// Mixture computes the atoms' distributions on dev.
func (m *Generator) Mixture(dev device.Device) (*mixture.Mixture, error) {
	if m.mixture != nil {
		return m.mixture, nil
	}
	p, err := nets.Distributions(dev, m.Atoms, marginal.Layout(m.Columns), m.Tensors)
	if err != nil {
		return nil, err
	}
	counts := make([]int, len(m.Columns))
	for j := range counts {
		counts[j] = m.Columns[j].Count
	}
	m.mixture, err = mixture.New(p, counts)
	return m.mixture, err
}
