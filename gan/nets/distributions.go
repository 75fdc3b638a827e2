package nets

import (
	"fmt"

	"github.com/dpgan/dpgan/device"
)

// bestPrefix is that of the tensors of the best generator so far.
const bestPrefix = "best/"

// Best are the tensors of the best generator of an engine's state, under the names that
// Distributions wants.
func Best(config AtomsConfig, layout *device.Layout, state Tensors) Tensors {
	out, shape := Tensors{}, newGeneratorShape(config, layout)
	for _, s := range []*tensorLayout{&shape.parameters, &shape.codes} {
		for _, e := range s.entries {
			out[e.name] = state[bestPrefix+e.name]
		}
	}
	return out
}

// CheckGenerator reports a config that is no shape, and tensors that do not have it.
func CheckGenerator(config AtomsConfig, layout *device.Layout, tensors Tensors) error {
	if err := config.Validate(); err != nil {
		return err
	}
	shape := newGeneratorShape(config, layout)
	for _, s := range []*tensorLayout{&shape.parameters, &shape.codes} {
		if _, err := s.concat(tensors, ""); err != nil {
			return err
		}
	}
	return nil
}

// Distributions computes the generator's atoms on dev: p [N, D], of each atom the
// probabilities of the cells of each column.
func Distributions(dev device.Device, config AtomsConfig, layout *device.Layout, tensors Tensors) ([]float32, error) {
	shape, scope := newGeneratorShape(config, layout), device.NewScope(dev)
	defer scope.Release()
	a := &allocator{dev: scope}
	g := newGenerator(a, shape, a.vector(shape.parameters.size), a.vector(shape.codes.size))
	if a.err != nil {
		return nil, a.err
	}
	net, err := shape.parameters.concat(tensors, "")
	if err != nil {
		return nil, err
	}
	codes, err := shape.codes.concat(tensors, "")
	if err != nil {
		return nil, err
	}
	dev.Upload(g.parameters.Buffer, 0, net)
	dev.Upload(g.codes.Buffer, 0, codes)
	g.forward()
	p := make([]float32, g.p.Rows*g.p.Cols)
	if err := dev.Download(p, g.p.Buffer, 0); err != nil {
		return nil, fmt.Errorf("gan: compute the atoms: %w", err)
	}
	return p, nil
}
