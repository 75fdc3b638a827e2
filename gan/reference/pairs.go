package reference

import "github.com/dpgan/dpgan/device"

// secondOrder is the graph of what a discriminator that is linear in pairs of cells says
// of one record,
//
//	D(x) = Σ_t s_t·W_t[x_a, x_b(, x_y)] = Σ_t s_t·(x_a·W_t)·(x_b ⊗ x_y)ᵀ
//
// over tables t of two columns, or of two and a target: x_j [1, cells of j] is the
// record's one-hot row of column j, and W_t [cells of a, cells of b · cells of y]. s_t is
// Gradient_t, in units of maxGradNorm·2^-SumBits, so the gradient by W is one integer a
// table, which float64 holds exactly.
type secondOrder struct {
	*machine
	weights vector
	columns [][]float64 // leaves, by column: [1, cells]; nil if no table looks at it
	cost    output
	back    gradients
}

func newSecondOrder(pairs *device.PairTables, layout *device.Layout) (*secondOrder, error) {
	n, columns := newNet(newExpression(), 1), make([]node, len(layout.Spans))
	s := &secondOrder{weights: newVector(pairs.Weights), columns: make([][]float64, len(columns))}
	column := func(j int) node {
		if columns[j] == nil {
			columns[j], s.columns[j] = n.leaf("column", 1, layout.Spans[j].Modes())
		}
		return columns[j]
	}
	var cost node
	for i := range pairs.Tables {
		t := &pairs.Tables[i]
		others := n.spreadOver(column(t.B), t, func(b, _ int) int { return b })
		if t.Target >= 0 {
			others = n.times(others, n.spreadOver(column(t.Target), t, func(_, y int) int { return y }))
		}
		weights := n.parameter("weights", &s.weights, t.Offset, layout.Spans[t.A].Modes(), t.CountB*t.CountTarget)
		size := n.fill("gradient", 1, t.CountB*t.CountTarget, float64(t.Gradient))
		of := n.total(n.times(size, n.times(n.mul(column(t.A), weights), others)))
		if cost == nil {
			cost = of
		} else {
			cost = n.add(cost, of)
		}
	}
	s.cost, s.back = n.read(cost), n.gradients(cost)
	var err error
	s.machine, err = n.compile()
	return s, err
}

// spreadOver repeats x [1, cells of a column] over the combinations of cells of t's B and
// Target: of (b, y) it has element cell(b, y).
func (n *net) spreadOver(x node, t *device.PairTable, cell func(b, y int) int) node {
	width := t.CountB * t.CountTarget
	into, ones := n.leaf("spread", x.Shape()[1], width)
	for k := range width {
		ones[cell(k/t.CountTarget, k%t.CountTarget)*width+k] = 1
	}
	return n.mul(x, into)
}

// add adds to sum the gradient of each of rows, a record's cells by column.
func (s *secondOrder) add(rows [][]uint32, _ device.Draw, sum []int64) error {
	for _, row := range rows {
		for j, column := range s.columns {
			if clear(column); column != nil {
				column[row[j]] = 1
			}
		}
		if err := s.run(); err != nil {
			return err
		}
		s.back.write()
		for i, g := range s.weights.gradient {
			sum[i] += int64(g)
		}
	}
	return nil
}
