package nets

import (
	"fmt"

	"github.com/dpgan/dpgan/device"
)

// discriminatorShape is where the discriminator's parameters lie.
//
//	a₀ = a whitened row            [B, inputs]
//	aₗ = dropout(leakyrelu(aₗ₋₁·Wₗ + bₗ))
//	logit = a_L·w + b              [B, 1]
//
// No layer mixes rows: a record's gradient is its own.
type discriminatorShape struct {
	config     DiscriminatorConfig
	parameters tensorLayout
	layers     []discriminatorLayer
	inputs     int
}

type discriminatorLayer struct{ in, out, weight, bias int }

func newDiscriminatorShape(config DiscriminatorConfig, inputs int) *discriminatorShape {
	d := &discriminatorShape{config: config, inputs: inputs}
	in := d.inputs
	for i, out := range append(append([]int{}, config.Hidden...), 1) {
		name := fmt.Sprintf("discriminator.layer%d.", i)
		d.layers = append(d.layers, discriminatorLayer{in, out,
			d.parameters.add(name+"weight", in, out), d.parameters.add(name+"bias", out)})
		in = out
	}
	return d
}

// discriminator is the net on a device for batches of B rows.
type discriminator struct {
	*discriminatorShape
	dev         device.Device
	parameters  device.Vector
	draws       device.RNG      // its Stream and the following ones are the dropouts
	activations []device.Matrix // a₀ … a_L, logits
	deltas      []device.Matrix // gradients at the affine outputs, by layer
}

func newDiscriminator(a *allocator, shape *discriminatorShape, batch int, parameters device.Vector, draws device.RNG) *discriminator {
	d := &discriminator{discriminatorShape: shape, dev: a.dev, parameters: parameters, draws: draws}
	d.activations = append(d.activations, a.matrix(batch, shape.inputs))
	for _, l := range shape.layers {
		d.activations = append(d.activations, a.matrix(batch, l.out))
		d.deltas = append(d.deltas, a.matrix(batch, l.out))
	}
	return d
}

func (d *discriminator) input() device.Matrix  { return d.activations[0] }
func (d *discriminator) logits() device.Matrix { return d.activations[len(d.layers)] }

// activation is what follows layer l; the last layer gives the logit as it is.
func (d *discriminator) activation(l int) device.Activation {
	if l == len(d.layers)-1 {
		return device.Activation{}
	}
	rng := d.draws
	rng.Stream += uint32(l)
	return device.Activation{Kind: device.LeakyReLU, Dropout: float32(d.config.Dropout), RNG: rng}
}

// forward computes the logits of input.
func (d *discriminator) forward() {
	for l, layer := range d.layers {
		d.dev.LinearForward(d.activations[l+1], d.activations[l], matrix(d.parameters, layer.weight, layer.in, layer.out),
			vector(d.parameters, layer.bias, layer.out), d.activation(l))
	}
}

// backward computes every layer's delta from the last one's, which the loss set.
func (d *discriminator) backward() {
	for l := len(d.layers) - 1; l > 0; l-- {
		layer := d.layers[l]
		d.dev.LinearBackwardData(d.deltas[l-1], d.deltas[l], matrix(d.parameters, layer.weight, layer.in, layer.out),
			d.activations[l], d.activation(l-1), false)
	}
}

// backwardInput computes the gradient at input from the first delta.
func (d *discriminator) backwardInput(dinput device.Matrix) {
	first := d.layers[0]
	d.dev.LinearBackwardData(dinput, d.deltas[0], matrix(d.parameters, first.weight, first.in, first.out), d.input(), device.Activation{}, false)
}

// gradientLayers says what each layer contributes to a record's gradient.
func (d *discriminator) gradientLayers() []device.LayerGradient {
	var layers []device.LayerGradient
	for l, layer := range d.layers {
		layers = append(layers, device.LayerGradient{Input: d.activations[l], Delta: d.deltas[l], Weights: layer.weight, Bias: layer.bias})
	}
	return layers
}
