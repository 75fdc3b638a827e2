package reference

// affine is where the parameters of a layer lie whose input is several matrices
// side by side, parts wide: their product with the weights is the sum of each
// one's product with its own rows, so nothing is ever concatenated.
type affine struct {
	parts        []int
	out          int
	weight, bias int
}

func newAffine(v *inventory, name string, parts []int, out int) affine {
	in := 0
	for _, p := range parts {
		in += p
	}
	return affine{parts: append([]int(nil), parts...), out: out, weight: v.add(name+"weight", in, out), bias: v.add(name+"bias", out)}
}

// net is an expression over one net's parameters.
type net struct {
	*expression
	*parameters
	ones    node // [B, 1]
	leaves  []node
	offsets []int // of each leaf in the parameter vector
}

func newNet(e *expression, p *parameters, batch int) *net {
	return &net{expression: e, parameters: p, ones: e.fill("ones", batch, 1, 1)}
}

// parameter is a leaf over [rows, cols] parameters from offset on.
func (n *net) parameter(name string, offset, rows, cols int) node {
	leaf := n.bind(name, dense(n.wide[offset:offset+rows*cols], rows, cols))
	n.leaves, n.offsets = append(n.leaves, leaf), append(n.offsets, offset)
	return leaf
}

// spread repeats row [1, N] for each of the B records.
func (n *net) spread(row node) node { return n.mul(n.ones, row) }

// affine computes inputs·W + b: [B, out].
func (n *net) affine(inputs []node, a affine) node {
	var sum node
	at := a.weight
	for i, x := range inputs {
		product := n.mul(x, n.parameter("weight", at, a.parts[i], a.out))
		if sum == nil {
			sum = product
		} else {
			sum = n.expression.add(sum, product)
		}
		at += a.parts[i] * a.out
	}
	return n.expression.add(sum, n.spread(n.parameter("bias", a.bias, 1, a.out)))
}

// gradients are the outputs of cost's gradients with respect to all parameters.
type gradients struct {
	outputs []output
	offsets []int
}

func (n *net) gradients(cost node) gradients {
	return gradients{n.gradient(cost, n.leaves), n.offsets}
}

// write puts the gradients into a vector laid out as the parameters are.
func (g gradients) write(dst []float64) {
	for i, o := range g.outputs {
		copy(dst[g.offsets[i]:], o.values())
	}
}
