package gan

import (
	"fmt"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/mixture"
	"github.com/dpgan/dpgan/tabular"
)

// mixtureModel is what training leaves: how columns are cut, and a generator over
// atoms (its tensors are the model's).
type mixtureModel struct {
	Columns []Column    `json:"columns"`
	Atoms   AtomsConfig `json:"atoms"`
	// Differences are the columns of which Columns cuts the distance from another.
	Differences []tabular.Difference `json:"differences,omitempty"`

	tensors Tensors
	mixture *mixture.Mixture
}

// load builds the mixture from the tensors, which come from a file.
func (m *mixtureModel) load(domain *tabular.Domain, tensors Tensors) (err error) {
	if m.Differences, err = domain.Rules.FindDifferences(m.Differences); err != nil {
		return err
	}
	codec := domain.WithDifferences(m.Differences)
	if len(m.Columns) != len(codec.Learned()) {
		return fmt.Errorf("cells of %d columns for %d", len(m.Columns), len(codec.Learned()))
	}
	for j := range m.Columns {
		if err := m.Columns[j].fit(codec.Size(j)); err != nil {
			return fmt.Errorf("column %d: %w", j, err)
		}
	}
	m.tensors = tensors
	return CheckGenerator(m.Atoms, cellLayout(m.Columns), tensors)
}

// open computes the atoms' distributions on dev.
func (m *mixtureModel) open(dev device.Device) (*mixture.Mixture, error) {
	if m.mixture != nil {
		return m.mixture, nil
	}
	p, err := Distributions(dev, m.Atoms, cellLayout(m.Columns), m.tensors)
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
