package reference

import (
	"fmt"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/nets"
	"gorgonia.org/gorgonia"
)

// discriminatorShape is where the parameters of the net that judges rows lie.
//
//	a₀ = row·Weight + Bias, whitened           [B, outputs of the whitening]
//	aₗ = leakyrelu(aₗ₋₁·Wₗ + bₗ) ⊙ maskₗ       mask: 0, or 1/(1-dropout)
//	logit = a_L·w + b                          [B, 1]
type discriminatorShape struct {
	inventory
	layers  []affine
	dropout float32
	white   *nets.Whitening
}

func newDiscriminatorShape(config nets.DiscriminatorConfig, white *nets.Whitening) *discriminatorShape {
	d := &discriminatorShape{dropout: float32(config.Dropout), white: white}
	parts := []int{white.Outputs}
	for i, out := range append(append([]int{}, config.Hidden...), 1) {
		d.layers = append(d.layers, newAffine(&d.inventory, fmt.Sprintf("discriminator.layer%d.", i), parts, out))
		parts = []int{out}
	}
	return d
}

// discriminator is the graph of the binary cross-entropy of a batch, summed up:
//
//	loss = ln(1 + e^(-s·logit)) = max(0, -s·logit) + ln(1 + e^(-|logit|))
//
// with s = 1 for records to be taken for real and -1 for fakes.
type discriminator struct {
	*machine
	row, sign    []float64   // leaves: [B, D], [B, 1]
	masks        [][]float64 // leaves, by hidden layer: [B, out]; none without dropout
	logits, cost output      // [B, 1], scalar
	byParameter  gradients
	byRow        output // [B, D]
}

// newRecordLoss is the loss of one record, with its gradient by the parameters.
func newRecordLoss(shape *discriminatorShape, v *vector) (*discriminator, error) {
	d, n, _, cost := newDiscriminator(shape, v, 1)
	d.byParameter = n.gradients(cost)
	return d, d.compile(n.expression)
}

// newBatchLoss is the loss of a batch, with its gradient by the rows.
func newBatchLoss(shape *discriminatorShape, v *vector, batch int) (*discriminator, error) {
	d, n, row, cost := newDiscriminator(shape, v, batch)
	d.byRow = n.gradient(cost, row)[0]
	return d, d.compile(n.expression)
}

func (d *discriminator) compile(e *expression) (err error) {
	d.machine, err = e.compile()
	return err
}

// newDiscriminator builds the graph up to its cost.
func newDiscriminator(shape *discriminatorShape, v *vector, batch int) (d *discriminator, n *net, row, cost node) {
	n, d = newNet(newExpression(), batch), &discriminator{}
	var sign node
	row, d.row = n.leaf("row", batch, shape.white.Inputs)
	sign, d.sign = n.leaf("sign", batch, 1)
	x := n.seen(row, shape.white)
	last := len(shape.layers) - 1
	for _, layer := range shape.layers[:last] {
		x = d.hidden(n, n.affine([]node{x}, v, layer), batch, layer.out, shape.dropout)
	}
	logits := n.affine([]node{x}, v, shape.layers[last])
	cost = n.total(logistic(n.expression, n.times(sign, logits)))
	d.logits, d.cost = n.read(logits), n.read(cost)
	return d, n, row, cost
}

// seen is row·Weight + Bias.
func (n *net) seen(row node, white *nets.Whitening) node {
	weight, weights := n.leaf("whitening.weight", white.Inputs, white.Outputs)
	bias, biases := n.leaf("whitening.bias", 1, white.Outputs)
	widen(weights, white.Weight)
	widen(biases, white.Bias)
	return n.add(n.mul(row, weight), n.spread(bias))
}

// hidden is what follows a hidden layer; LeakyReLU is max(0, x) - slope·max(0, -x).
func (d *discriminator) hidden(n *net, x node, batch, out int, dropout float32) node {
	slope := n.fill("slope", batch, out, device.LeakySlope)
	y := n.sub(n.relu(x), n.times(slope, n.relu(n.unary(gorgonia.Neg, x))))
	if dropout == 0 {
		return y
	}
	mask, values := n.leaf("mask", batch, out)
	d.masks = append(d.masks, values)
	return n.times(y, mask)
}

// logistic is ln(1 + e⁻ˣ) without overflow, and without gorgonia's Softplus,
// which cuts its tails.
func logistic(e *expression, x node) node {
	tail := e.unary(gorgonia.Log1p, e.exp(e.unary(gorgonia.Neg, e.unary(gorgonia.Abs, x))))
	return e.add(e.relu(e.unary(gorgonia.Neg, x)), tail)
}
