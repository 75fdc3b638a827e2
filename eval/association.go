package eval

import (
	"context"
	"math"
	"slices"

	"github.com/dpgan/dpgan/internal/parallel"
	"gorgonia.org/tensor"
)

// associations is the symmetric matrix [J, J] of how strongly columns depend on
// each other: Cramér's V of two categories, in [0, 1]; Spearman's rank
// correlation of two ordered columns, in [−1, 1]; the correlation ratio
// η = √(SS_between/SS_total) of a category and an ordered column, in [0, 1].
// Missing is a category of its own; of an ordered column missing rows do not
// count. A column that does not vary depends on nothing: 0. The diagonal is 1.
func associations(ctx context.Context, columns []column, t *Table) (*tensor.Dense, error) {
	n := len(columns)
	ranked := make([][]float64, n)
	valued := make([][]float64, n)
	if err := parallel.Until(ctx, n, func(j int) {
		if columns[j].ordered {
			valued[j] = numbers(t, j)
			ranked[j] = ranks(&columns[j], t.columns[j])
		}
	}); err != nil {
		return nil, err
	}
	values := make([]float64, n*n)
	pairs := combinations(n, 2)
	err := parallel.Until(ctx, len(pairs), func(p int) {
		a, b := pairs[p][0], pairs[p][1]
		var v float64
		switch {
		case columns[a].ordered && columns[b].ordered:
			v = pearson(ranked[a], ranked[b])
		case columns[a].ordered:
			v = correlationRatio(t.columns[b], columns[b].size, valued[a])
		case columns[b].ordered:
			v = correlationRatio(t.columns[a], columns[a].size, valued[b])
		default:
			v = cramer(t.columns[a], t.columns[b], columns[a].size, columns[b].size)
		}
		values[a*n+b], values[b*n+a] = v, v
	})
	if err != nil {
		return nil, err
	}
	for j := range n {
		values[j*n+j] = 1
	}
	return tensor.New(tensor.WithShape(n, n), tensor.WithBacking(values)), nil
}

// associationError is the mean |Δ| over pairs of columns; NaN for one column.
func associationError(a, b *tensor.Dense) float64 {
	n := a.Shape()[0]
	x, y := a.Data().([]float64), b.Data().([]float64)
	sum := 0.0
	for i := range n {
		for j := i + 1; j < n; j++ {
			sum += math.Abs(x[i*n+j] - y[i*n+j])
		}
	}
	return sum / float64(n*(n-1)/2)
}

// ranks are the midranks of codes among those that are not missing, NaN where
// missing.
func ranks(c *column, codes []uint32) []float64 {
	order := known(c, codes)
	out := make([]float64, len(codes))
	if c.size <= lookupCodes {
		table := make([]float64, c.size)
		for i := 0; i < len(order); {
			from, code := i, order[i]
			for i < len(order) && order[i] == code {
				i++
			}
			table[code] = float64(from+i-1) / 2
		}
		for i, code := range codes {
			out[i] = table[code]
		}
	} else {
		for i, code := range codes {
			from, _ := slices.BinarySearch(order, code)
			to, _ := slices.BinarySearch(order, code+1)
			out[i] = float64(from+to-1) / 2
		}
	}
	for i, code := range codes {
		if c.missing(code) {
			out[i] = math.NaN()
		}
	}
	return out
}

// pearson is the correlation of x and y over the rows where both are known.
func pearson(x, y []float64) float64 {
	var n, mx, my float64
	for i := range x {
		if v := x[i] + y[i]; v == v { // neither is NaN
			n++
			mx += x[i]
			my += y[i]
		}
	}
	if n < 2 {
		return 0
	}
	mx, my = mx/n, my/n
	var xx, yy, xy float64
	for i := range x {
		dx, dy := x[i]-mx, y[i]-my
		if v := dx + dy; v == v {
			xx += dx * dx
			yy += dy * dy
			xy += dx * dy
		}
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return xy / math.Sqrt(xx*yy)
}

// correlationRatio is η of groups (codes below size) and values.
func correlationRatio(groups []uint32, size uint32, values []float64) float64 {
	counts, sums := make([]float64, size), make([]float64, size)
	var n, mean float64
	for _, v := range values {
		if v == v {
			n++
			mean += v
		}
	}
	if n < 2 {
		return 0
	}
	mean /= n
	total := 0.0
	for i, v := range values {
		if v == v {
			d := v - mean
			counts[groups[i]]++
			sums[groups[i]] += d
			total += d * d
		}
	}
	if total == 0 {
		return 0
	}
	between := 0.0
	for g, count := range counts {
		if count > 0 {
			between += sums[g] * sums[g] / count
		}
	}
	return math.Sqrt(min(between/total, 1))
}

// cramer is V = √(χ²/(n·(min(r, c)−1))) of two columns of codes, r and c the
// numbers of codes that occur (Cramér 1946); without correction for bias.
func cramer(a, b []uint32, sizeA, sizeB uint32) float64 {
	rows, columns := make([]float64, sizeA), make([]float64, sizeB)
	for i := range a {
		rows[a[i]]++
		columns[b[i]]++
	}
	occurring := min(nonzero(rows), nonzero(columns))
	if occurring < 2 {
		return 0
	}
	// χ²/n = Σ O²/(row·column) − 1, over cells that are not empty.
	sum := 0.0
	add := func(x, y uint64, count float64) { sum += count * count / (rows[x] * columns[y]) }
	if cells := uint64(sizeA) * uint64(sizeB); cells <= denseLimit {
		counts := make([]int32, cells)
		for i := range a {
			counts[uint64(a[i])*uint64(sizeB)+uint64(b[i])]++
		}
		for cell, count := range counts {
			if count > 0 {
				add(uint64(cell)/uint64(sizeB), uint64(cell)%uint64(sizeB), float64(count))
			}
		}
	} else {
		keys := make([]uint64, len(a))
		for i := range a {
			keys[i] = uint64(a[i])*uint64(sizeB) + uint64(b[i])
		}
		slices.Sort(keys)
		for i := 0; i < len(keys); {
			from := i
			for i < len(keys) && keys[i] == keys[from] {
				i++
			}
			add(keys[from]/uint64(sizeB), keys[from]%uint64(sizeB), float64(i-from))
		}
	}
	return math.Sqrt(min(1, max(0, sum-1)/float64(occurring-1)))
}

func nonzero(counts []float64) int {
	n := 0
	for _, c := range counts {
		if c > 0 {
			n++
		}
	}
	return n
}
