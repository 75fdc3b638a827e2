package sample

import (
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/mixture"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/tabular"
)

// generator is a model to draw from.
type generator struct {
	domain      *tabular.Domain
	columns     []marginal.Binning   // how the mixture's columns are cut
	differences []tabular.Difference // of which columns cuts the distance from another
	mixture     *mixture.Mixture
}

// open computes the atoms of m on dev.
func open(dev device.Device, m *model.Model) (*generator, error) {
	g := m.Generator()
	mix, err := g.Mixture(dev)
	if err != nil {
		return nil, err
	}
	return &generator{m.Domain(), g.Columns, g.Differences, mix}, nil
}
