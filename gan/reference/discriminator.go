package reference

import (
	"fmt"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan"
	"gorgonia.org/gorgonia"
)

// discriminatorShape is where the discriminator's parameters lie.
//
//	a₀ = [row', condition]                     [B, layout.Width + ConditionWidth]
//	aₗ = leakyrelu(aₗ₋₁·Wₗ + bₗ) ⊙ maskₗ       mask: 0, or 1/(1-dropout)
//	logit = a_L·w + b                          [B, 1]
type discriminatorShape struct {
	inventory
	layers  []affine
	dropout float32
	white   *gan.Whitening // nil: rows are seen as they are
}

func newDiscriminatorShape(config gan.DiscriminatorConfig, layout *device.Layout, white *gan.Whitening) *discriminatorShape {
	d := &discriminatorShape{dropout: float32(config.Dropout), white: white}
	parts := present(layout.Width, layout.ConditionWidth)
	for i, out := range append(append([]int{}, config.Hidden...), 1) {
		d.layers = append(d.layers, newAffine(&d.inventory, fmt.Sprintf("discriminator.layer%d.", i), parts, out))
		parts = []int{out}
	}
	return d
}

// present drops what has no columns.
func present(widths ...int) []int {
	var parts []int
	for _, w := range widths {
		if w > 0 {
			parts = append(parts, w)
		}
	}
	return parts
}

// discriminator is the graph of the mean binary cross-entropy of a batch:
//
//	loss = ln(1 + e^(-s·logit)) = max(0, -s·logit) + ln(1 + e^(-|logit|))
//
// with s = 1 for records to be taken for real and -1 for fakes.
type discriminator struct {
	*machine
	row, condition, sign []float64   // leaves: [B, Width], [B, ConditionWidth], [B, 1]
	masks                [][]float64 // leaves, by hidden layer: [B, out]; none without dropout
	logits, cost         output      // [B, 1], scalar
	byParameter          gradients
	byRow                output // [B, Width]
}

// newRecordLoss is the loss of one record, with its gradient by the parameters.
func newRecordLoss(shape *discriminatorShape, p *parameters, layout *device.Layout) (*discriminator, error) {
	d, n, _, cost := newDiscriminator(shape, p, layout, 1)
	d.byParameter = n.gradients(cost)
	return d, d.compile(n.expression)
}

// newBatchLoss is the mean loss of a batch, with its gradient by the rows.
func newBatchLoss(shape *discriminatorShape, p *parameters, layout *device.Layout, batch int) (*discriminator, error) {
	d, n, row, cost := newDiscriminator(shape, p, layout, batch)
	for _, o := range n.gradient(cost, []node{row}) {
		d.byRow = o
	}
	return d, d.compile(n.expression)
}

func (d *discriminator) compile(e *expression) (err error) {
	d.machine, err = e.compile()
	return err
}

// newDiscriminator builds the graph up to its cost.
func newDiscriminator(shape *discriminatorShape, p *parameters, layout *device.Layout, batch int) (d *discriminator, n *net, row, cost node) {
	e := newExpression()
	n, d = newNet(e, p, batch), &discriminator{}
	var condition, sign node
	row, d.row = e.leaf("row", batch, layout.Width)
	inputs := []node{n.seen(row, shape.white)}
	if layout.ConditionWidth > 0 {
		condition, d.condition = e.leaf("condition", batch, layout.ConditionWidth)
		inputs = append(inputs, condition)
	}
	sign, d.sign = e.leaf("sign", batch, 1)
	last := len(shape.layers) - 1
	for l := range last {
		inputs = []node{d.hidden(n, inputs, shape.layers[l], batch, shape.dropout)}
	}
	logits := n.affine(inputs, shape.layers[last])
	cost = e.total(e.mul(e.fill("share", 1, batch, 1/float64(batch)), logistic(e, e.times(sign, logits))))
	d.logits, d.cost = e.read(logits), e.read(cost)
	return d, n, row, cost
}

// seen is row·Weight + Bias, or row itself without a whitening.
func (n *net) seen(row node, white *gan.Whitening) node {
	if white == nil {
		return row
	}
	weight, weights := n.leaf("whitening.weight", white.Inputs, white.Outputs)
	bias, biases := n.leaf("whitening.bias", 1, white.Outputs)
	widen(weights, white.Weight)
	widen(biases, white.Bias)
	return n.expression.add(n.mul(row, weight), n.spread(bias))
}

// widen copies src to dst.
func widen(dst []float64, src []float32) {
	for i, v := range src {
		dst[i] = float64(v)
	}
}

// hidden is one hidden layer; LeakyReLU is max(0, x) - slope·max(0, -x).
func (d *discriminator) hidden(n *net, inputs []node, a affine, batch int, dropout float32) node {
	x := n.affine(inputs, a)
	slope := n.fill("slope", batch, a.out, device.LeakySlope)
	y := n.sub(n.relu(x), n.times(slope, n.relu(n.unary(gorgonia.Neg, x))))
	if dropout == 0 {
		return y
	}
	mask, values := n.leaf("mask", batch, a.out)
	d.masks = append(d.masks, values)
	return n.times(y, mask)
}

// logistic is ln(1 + e⁻ˣ) without overflow, and without gorgonia's Softplus,
// which cuts its tails.
func logistic(e *expression, x node) node {
	tail := e.unary(gorgonia.Log1p, e.exp(e.unary(gorgonia.Neg, e.unary(gorgonia.Abs, x))))
	return e.add(e.relu(e.unary(gorgonia.Neg, x)), tail)
}
