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

// net is an expression over learned vectors, for a batch of B records.
type net struct {
	*expression
	ones   node // [B, 1]
	leaves []node
	places []place
}

// place is where a leaf's values lie.
type place struct {
	of     *vector
	offset int
}

func newNet(e *expression, batch int) *net {
	return &net{expression: e, ones: e.fill("ones", batch, 1, 1)}
}

// parameter is a leaf over [rows, cols] numbers of v from offset on.
func (n *net) parameter(name string, v *vector, offset, rows, cols int) node {
	leaf := n.bind(name, dense(v.wide[offset:offset+rows*cols], rows, cols))
	n.leaves, n.places = append(n.leaves, leaf), append(n.places, place{v, offset})
	return leaf
}

// spread repeats row [1, N] for each of the B records.
func (n *net) spread(row node) node { return n.mul(n.ones, row) }

// affine computes inputs·W + b, W and b of v: [B, out].
func (n *net) affine(inputs []node, v *vector, a affine) node {
	var sum node
	at := a.weight
	for i, x := range inputs {
		product := n.mul(x, n.parameter("weight", v, at, a.parts[i], a.out))
		if sum == nil {
			sum = product
		} else {
			sum = n.add(sum, product)
		}
		at += a.parts[i] * a.out
	}
	return n.add(sum, n.spread(n.parameter("bias", v, a.bias, 1, a.out)))
}

// gradients are the outputs of cost's gradients with respect to all parameters.
type gradients struct {
	outputs []output
	places  []place
}

func (n *net) gradients(cost node) gradients {
	return gradients{n.gradient(cost, n.leaves...), n.places}
}

// write puts the gradients where the vectors keep them.
func (g gradients) write() {
	for i, o := range g.outputs {
		copy(g.places[i].of.gradient[g.places[i].offset:], o.values())
	}
}
