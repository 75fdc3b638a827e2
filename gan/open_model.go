package gan

import (
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/mixture"
	"github.com/dpgan/dpgan/tabular"
)

// openModel is a model to draw from.
type openModel struct {
	domain      *tabular.Domain
	columns     []Column             // how the mixture's columns are cut
	differences []tabular.Difference // of which columns cuts the distance from another
	mixture     *mixture.Mixture
}

// open computes the atoms of m on dev.
func (m *Model) open(dev device.Device) (*openModel, error) {
	mix, err := m.mixture.open(dev)
	if err != nil {
		return nil, err
	}
	return &openModel{m.domain, m.mixture.Columns, m.mixture.Differences, mix}, nil
}
