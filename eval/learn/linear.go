package learn

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/dpgan/dpgan/internal/parallel"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize"
)

const (
	ridge         = 1.0  // of ½·ridge·‖w‖² beside the sum of losses: scikit-learn's C = 1
	linearSteps   = 300  // L-BFGS iterations at most
	linearQuality = 3e-5 // largest derivative of the mean loss at which it stops
	linearChunks  = 16   // rows are summed in so many parts, whatever the cores
)

// Cells are one-hot features: column j of row i is the cell Codes[j][i], one of
// Sizes[j].
type Cells struct {
	Sizes []int
	Codes [][]uint32
}

func (c *Cells) rows() int {
	if len(c.Codes) == 0 {
		return 0
	}
	return len(c.Codes[0])
}

func (c *Cells) check() error {
	if len(c.Codes) == 0 || len(c.Sizes) != len(c.Codes) {
		return fmt.Errorf("learn: %d sizes for %d columns: want one a column, and at least one", len(c.Sizes), len(c.Codes))
	}
	for j, codes := range c.Codes {
		if len(codes) != c.rows() {
			return fmt.Errorf("learn: column %d has %d rows: want %d", j, len(codes), c.rows())
		}
		for i, code := range codes {
			if int(code) >= c.Sizes[j] {
				return fmt.Errorf("learn: column %d: row %d: cell %d: want less than %d", j, i, code, c.Sizes[j])
			}
		}
	}
	return nil
}

// places are the positions of the rows' cells among the weights of an output,
// [rows, columns] row-major; 0 is the intercept's.
func (c *Cells) places() []int32 {
	out := make([]int32, c.rows()*len(c.Codes))
	at := int32(1)
	for j, codes := range c.Codes {
		for i, code := range codes {
			out[i*len(c.Codes)+j] = at + int32(code)
		}
		at += int32(c.Sizes[j])
	}
	return out
}

// Linear is a linear model of one-hot cells: logistic regression for classes
// (softmax for more than two), ridge regression for numbers.
type Linear struct {
	classes int
	sizes   []int
	outputs int
	// weights is [outputs][1 + Σ sizes]: the intercept, then a weight a cell.
	weights []float64
	unit    standardisation
}

// FitLinear minimises Σ loss + ½‖w‖², the intercept unpenalised, by L-BFGS.
func FitLinear(ctx context.Context, x Cells, y Target) (*Linear, error) {
	if err := errors.Join(x.check(), y.check(x.rows())); err != nil {
		return nil, err
	}
	m := &Linear{classes: y.Classes, sizes: x.Sizes, outputs: y.outputs()}
	y, m.unit = y.standardise()
	p := &linearProblem{ctx: ctx, rows: x.places(), columns: len(x.Codes), y: y, outputs: m.outputs, width: 1}
	for _, size := range x.Sizes {
		p.width += size
	}
	p.partial = make([][]float64, linearChunks)
	for c := range p.partial {
		p.partial[c] = make([]float64, m.outputs*p.width+1)
	}
	begin := make([]float64, m.outputs*p.width)
	for k, z := range y.start() {
		begin[k*p.width] = z
	}
	result, err := optimize.Minimize(optimize.Problem{Func: p.loss, Grad: p.gradient}, begin,
		&optimize.Settings{GradientThreshold: linearQuality, MajorIterations: linearSteps,
			Converger: &optimize.FunctionConverge{Absolute: 1e-7, Iterations: 5}}, &optimize.LBFGS{})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	// A line search that can go no lower in float64 is an end, not a failure.
	if result == nil {
		return nil, fmt.Errorf("learn: linear model: %w", err)
	}
	m.weights = result.X
	return m, nil
}

// scores adds the weights of a row's cells to the intercepts, [outputs].
func scores(weights []float64, row []int32, out []float64) {
	width := len(weights) / len(out)
	for k := range out {
		w := weights[k*width : (k+1)*width]
		z := w[0]
		for _, at := range row {
			z += w[at]
		}
		out[k] = z
	}
}

// Predict is the probability of each class, [classes][rows], or the number,
// [1][rows].
func (m *Linear) Predict(x Cells) ([][]float64, error) {
	if err := x.check(); err != nil {
		return nil, err
	}
	if !slices.Equal(x.Sizes, m.sizes) {
		return nil, fmt.Errorf("learn: cells %v: want %v as in training", x.Sizes, m.sizes)
	}
	predicted := make([][]float64, m.outputs)
	for k := range predicted {
		predicted[k] = make([]float64, x.rows())
	}
	out := make([]float64, m.outputs)
	rows, wide := x.places(), len(x.Codes)
	for i := range x.rows() {
		scores(m.weights, rows[i*wide:(i+1)*wide], out)
		for k, z := range out {
			predicted[k][i] = m.unit.restore(z)
		}
	}
	return predictions(m.classes, predicted), nil
}

// linearProblem is the mean loss of a linear model as a function of its weights.
type linearProblem struct {
	ctx     context.Context
	rows    []int32 // [rows, columns] row-major, as places
	columns int
	y       Target
	outputs int
	width   int         // weights an output
	partial [][]float64 // [linearChunks][gradient, then loss]
	at      []float64   // the weights that value and slope belong to
	value   float64
	slope   []float64
}

func (p *linearProblem) loss(w []float64) float64 {
	p.evaluate(w)
	return p.value
}

func (p *linearProblem) gradient(grad, w []float64) {
	p.evaluate(w)
	copy(grad, p.slope)
}

// evaluate computes loss and gradient together, once for the same weights.
func (p *linearProblem) evaluate(w []float64) {
	if p.at != nil && floats.Equal(p.at, w) {
		return
	}
	rows := len(p.y.Values)
	parallel.Each(linearChunks, func(c int) {
		p.addRows(w, rows*c/linearChunks, rows*(c+1)/linearChunks, p.partial[c])
	})
	p.at = append(p.at[:0], w...)
	if p.slope == nil {
		p.slope = make([]float64, len(w))
	}
	clear(p.slope)
	p.value = 0
	for _, part := range p.partial {
		floats.Add(p.slope, part[:len(w)])
		p.value += part[len(w)]
	}
	for i, v := range w {
		if i%p.width != 0 {
			p.value += ridge / 2 * v * v
			p.slope[i] += ridge * v
		}
	}
	p.value /= float64(rows)
	floats.Scale(1/float64(rows), p.slope)
	if p.ctx.Err() != nil {
		// A flat function at its end is how a running minimiser is told to stop.
		p.value = math.Inf(-1)
		clear(p.slope)
	}
}

// addRows adds loss and gradient of the rows [from, to) into out.
func (p *linearProblem) addRows(w []float64, from, to int, out []float64) {
	clear(out)
	z := make([]float64, p.outputs)
	total := 0.0
	for i := from; i < to; i++ {
		row := p.rows[i*p.columns : (i+1)*p.columns]
		scores(w, row, z)
		total += p.residuals(z, p.y.Values[i])
		for k, r := range z {
			g := out[k*p.width : (k+1)*p.width]
			g[0] += r
			for _, at := range row {
				g[at] += r
			}
		}
	}
	out[len(out)-1] = total
}

// residuals turns the scores of a row into the loss and its derivatives.
func (p *linearProblem) residuals(z []float64, y float64) (loss float64) {
	switch p.y.Classes {
	case 0:
		z[0] -= y
		return z[0] * z[0] / 2
	case 2:
		s := z[0]
		z[0] = sigmoid(s) - y
		// ln(1+e^s) − y·s, without overflow.
		return max(s, 0) + math.Log1p(math.Exp(-math.Abs(s))) - y*s
	}
	softmax(z)
	k := int(y)
	loss = -math.Log(max(z[k], 1e-300))
	z[k]--
	return loss
}
