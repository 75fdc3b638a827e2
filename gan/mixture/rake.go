package mixture

// Rake scales the weights [rows.Len()], all positive, until each pair of columns
// is as frequent among the weighted rows as among the rows themselves: iterative
// proportional fitting (Deming, Stephan 1940), sweeps times over all pairs. What
// is left of the weights speaks of more than two columns at a time.
func (m *Mixture) Rake(rows *Rows, weights []float64, sweeps int) {
	r := &raking{rows: rows, weights: weights, columns: len(m.counts)}
	even := make([]float64, len(weights))
	sum := 0.0
	for i, w := range weights {
		even[i] = 1
		sum += w
	}
	for i := range weights {
		weights[i] *= float64(len(weights)) / sum
	}
	pairs := m.pairs()
	targets := make([][]float64, len(pairs))
	for k, p := range pairs {
		targets[k] = r.count(p, even)
	}
	for range sweeps {
		for k, p := range pairs {
			r.scale(p, targets[k])
		}
	}
}

// pair are two columns and the number of cells of the second.
type pair struct {
	a, b, width, size int
}

func (m *Mixture) pairs() []pair {
	var pairs []pair
	for a := range m.counts {
		for b := range a {
			pairs = append(pairs, pair{a, b, m.counts[b], m.counts[a] * m.counts[b]})
		}
	}
	if len(m.counts) == 1 {
		pairs = append(pairs, pair{0, 0, 0, m.counts[0]})
	}
	return pairs
}

type raking struct {
	rows    *Rows
	weights []float64
	columns int
}

// shards is how many parts the rows are counted in, whatever the number of
// threads, so that sums do not depend on it.
const shards = 8

func (r *raking) cell(p pair, i int) int {
	row := r.rows.Cells[i*r.columns:]
	return int(row[p.a])*p.width + int(row[p.b])
}

func (r *raking) count(p pair, weights []float64) []float64 {
	parts := make([][]float64, shards)
	size := (len(weights) + shards - 1) / shards
	inParallel(len(weights), size, func(from, to int) {
		part := make([]float64, p.size)
		for i := from; i < to; i++ {
			part[r.cell(p, i)] += weights[i]
		}
		parts[from/size] = part
	})
	sums := make([]float64, p.size)
	for _, part := range parts {
		for k, n := range part {
			sums[k] += n
		}
	}
	return sums
}

func (r *raking) scale(p pair, target []float64) {
	ratio := r.count(p, r.weights)
	for k, n := range ratio {
		if n > 0 {
			ratio[k] = target[k] / n
		}
	}
	inParallel(len(r.weights), (len(r.weights)+shards-1)/shards, func(from, to int) {
		for i := from; i < to; i++ {
			r.weights[i] *= ratio[r.cell(p, i)]
		}
	})
}
