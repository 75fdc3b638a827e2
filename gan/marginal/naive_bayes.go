package marginal

import (
	"math"
	"slices"
)

// NaiveBayes are what is taken of pairs of columns that are not measured: that they are
// independent given the class, which is the target's cell (naive Bayes). Without a
// target there is one class.
type NaiveBayes struct {
	weights     []float64     // of the classes
	conditional [][][]float64 // [column][class][cell]: P(cell | class)
}

// Independent are columns of the given shares, without a target.
func Independent(shares [][]float64) *NaiveBayes {
	c := &NaiveBayes{weights: []float64{1}}
	for _, p := range shares {
		c.conditional = append(c.conditional, [][]float64{p})
	}
	return c
}

// newNaiveBayes reads them from the shares of the columns' cells and tables, the noisy
// counts [cells, classes] of columns with the target, nil where there is none. A
// table is drawn towards independence by as much as noise, of standard deviation
// sigma on a count, may explain the difference.
func newNaiveBayes(shares, tables [][]float64, target int, sigma, rows float64) *NaiveBayes {
	c := &NaiveBayes{weights: shares[target]}
	for j, p := range shares {
		given := make([][]float64, len(c.weights))
		for v := range given {
			given[v] = slices.Clone(p)
		}
		switch {
		case j == target:
			for v := range given {
				clear(given[v])
				given[v][v] = 1
			}
		case tables[j] != nil:
			c.setConditional(given, p, tables[j], sigma, rows)
		}
		c.conditional = append(c.conditional, given)
	}
	return c
}

// setConditional sets given[v][k] = P(k | v) by the counts of a table of cells of shares p.
func (c *NaiveBayes) setConditional(given [][]float64, p, counts []float64, sigma, rows float64) {
	square := 0.0
	for k := range p {
		for v, w := range c.weights {
			r := counts[k*len(c.weights)+v]/rows - p[k]*w
			square += r * r
		}
	}
	keep := Shrinkage(square, len(counts), sigma/rows)
	for v, w := range c.weights {
		joint, sum := make([]float64, len(p)), 0.0
		for k := range p {
			joint[k] = math.Max(0, (1-keep)*p[k]*w+keep*counts[k*len(c.weights)+v]/rows)
			sum += joint[k]
		}
		if sum == 0 {
			continue
		}
		for k := range p {
			given[v][k] = joint[k] / sum
		}
	}
}

// Pair is P(a, b) = Σ_v w_v P(a | v) P(b | v), [cells of a, cells of b].
func (c *NaiveBayes) Pair(a, b int) []float64 {
	width := len(c.conditional[b][0])
	out := make([]float64, len(c.conditional[a][0])*width)
	for v, w := range c.weights {
		for i, p := range c.conditional[a][v] {
			row := out[i*width : (i+1)*width]
			for k, q := range c.conditional[b][v] {
				row[k] += w * p * q
			}
		}
	}
	return out
}

// gather joins cells: cell k of column j becomes one of[j][k] of counts[j].
func (c *NaiveBayes) gather(of [][]int, counts []int) *NaiveBayes {
	out := &NaiveBayes{weights: c.weights, conditional: make([][][]float64, len(c.conditional))}
	for j, given := range c.conditional {
		for _, shares := range given {
			sums := make([]float64, counts[j])
			for k, p := range shares {
				sums[of[j][k]] += p
			}
			out.conditional[j] = append(out.conditional[j], sums)
		}
	}
	return out
}

// Shrinkage is the part of a difference, of the given square norm over cells with
// noise sigma each, that noise does not explain (James, Stein 1961).
func Shrinkage(square float64, cells int, sigma float64) float64 {
	return math.Max(0, 1-float64(cells-1)*sigma*sigma/math.Max(square, 1e-300))
}

// NaiveBayes are what is taken of pairs of m's columns that are not looked at, by the
// tables of columns with the target among those given.
func (m *Measurements) NaiveBayes(tables [][]int, counts [][]float64, noise []float64, rows float64) *NaiveBayes {
	shares, of, sigma := make([][]float64, len(m.Columns)), make([][]float64, len(m.Columns)), 0.0
	for j := range m.Columns {
		shares[j] = m.Columns[j].Shares
	}
	if m.Target < 0 {
		return Independent(shares)
	}
	for t, table := range tables {
		if len(table) == 2 && table[1] == m.Target {
			of[table[0]], sigma = counts[t], noise[t]
		}
	}
	return newNaiveBayes(shares, of, m.Target, sigma, rows)
}
