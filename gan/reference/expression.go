package reference

import (
	"fmt"

	_ "go4.org/unsafe/assume-no-moving-gc" // pins the version with which gorgonia starts on this Go
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// node is a matrix of an expression; bias vectors are matrices of one row.
type node = *gorgonia.Node

// expression builds a graph of float64 matrices and keeps the first error, after
// which its methods do nothing.
//
// It uses only operations whose gradients the tests confirm by finite
// differences. Sums, means and broadcasts along rows or columns are products with
// constant matrices: gorgonia's own reductions and broadcasts collapse axes of
// length one, and so do its slices.
type expression struct {
	graph *gorgonia.ExprGraph
	names int
	err   error
}

func newExpression() *expression { return &expression{graph: gorgonia.NewGraph()} }

// bind makes a leaf that reads t, whose values may change between runs.
func (e *expression) bind(name string, t *tensor.Dense) node {
	if e.err != nil {
		return nil
	}
	e.names++ // equal names would be merged into one leaf
	n := gorgonia.NewMatrix(e.graph, tensor.Float64, gorgonia.WithShape(t.Shape()...),
		gorgonia.WithName(fmt.Sprintf("%s %d", name, e.names)))
	e.err = gorgonia.Let(n, t)
	return n
}

// leaf makes a leaf [rows, cols] and the values it reads.
func (e *expression) leaf(name string, rows, cols int) (node, []float64) {
	values := make([]float64, rows*cols)
	return e.bind(name, dense(values, rows, cols)), values
}

// fill makes a constant matrix.
func (e *expression) fill(name string, rows, cols int, value float64) node {
	n, values := e.leaf(name, rows, cols)
	for i := range values {
		values[i] = value
	}
	return n
}

func dense(values []float64, rows, cols int) *tensor.Dense {
	return tensor.New(tensor.WithShape(rows, cols), tensor.WithBacking(values))
}

func (e *expression) unary(op func(node) (node, error), x node) node {
	if e.err != nil {
		return nil
	}
	y, err := op(x)
	e.err = err
	return y
}

func (e *expression) binary(op func(a, b node) (node, error), a, b node) node {
	if e.err != nil {
		return nil
	}
	y, err := op(a, b)
	e.err = err
	return y
}

func (e *expression) mul(a, b node) node   { return e.binary(gorgonia.Mul, a, b) }
func (e *expression) add(a, b node) node   { return e.binary(gorgonia.Add, a, b) }
func (e *expression) sub(a, b node) node   { return e.binary(gorgonia.Sub, a, b) }
func (e *expression) times(a, b node) node { return e.binary(gorgonia.HadamardProd, a, b) }
func (e *expression) over(a, b node) node  { return e.binary(gorgonia.HadamardDiv, a, b) }
func (e *expression) relu(x node) node     { return e.unary(gorgonia.Rectify, x) }
func (e *expression) exp(x node) node      { return e.unary(gorgonia.Exp, x) }

// square is x² of each element, transpose xᵀ.
func (e *expression) square(x node) node { return e.unary(gorgonia.Square, x) }
func (e *expression) transpose(x node) node {
	return e.unary(func(x node) (node, error) { return gorgonia.Transpose(x, 1, 0) }, x)
}

// total is the sum of all elements, a scalar.
func (e *expression) total(x node) node {
	return e.unary(func(x node) (node, error) { return gorgonia.Sum(x) }, x)
}

// gradient makes outputs of cost's gradients with respect to leaves.
func (e *expression) gradient(cost node, leaves ...node) []output {
	outputs := make([]output, len(leaves))
	if e.err != nil {
		return outputs
	}
	gradients, err := gorgonia.Grad(cost, leaves...)
	e.err = err
	for i, g := range gradients {
		outputs[i] = e.read(g)
	}
	return outputs
}

// output is a value that each run leaves.
type output struct{ value *gorgonia.Value }

// read makes an output of x.
func (e *expression) read(x node) output {
	o := output{new(gorgonia.Value)}
	if e.err == nil {
		gorgonia.Read(x, o.value)
	}
	return o
}

// values are the elements of a matrix, row-major, until the next run.
func (o output) values() []float64 { return (*o.value).Data().([]float64) }

// scalar is the value of a cost.
func (o output) scalar() float64 { return (*o.value).Data().(float64) }

// machine runs a compiled expression as often as one likes.
type machine struct{ vm gorgonia.VM }

// compile ends the building. NewTapeMachine panics on a graph it cannot
// compile, which is turned into an error.
func (e *expression) compile() (m *machine, err error) {
	if e.err != nil {
		return nil, fmt.Errorf("reference: build a graph: %w", e.err)
	}
	defer func() {
		if r := recover(); r != nil {
			m, err = nil, fmt.Errorf("reference: compile a graph: %v", r)
		}
	}()
	return &machine{gorgonia.NewTapeMachine(e.graph)}, nil
}

// run computes the outputs from what the leaves hold.
func (m *machine) run() error {
	defer m.vm.Reset()
	if err := m.vm.RunAll(); err != nil {
		return fmt.Errorf("reference: run a graph: %w", err)
	}
	return nil
}

// close lets go of what the machine holds.
func (m *machine) close() error { return m.vm.Close() }
