package device

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// SecondOrder trains a discriminator that is linear in pairs of codes,
//
//	D(x) = Σ_t s_t·W_t[x_a, x_b(, x_y)]
//
// over the tables t: quadratic, or cubic, in the one-hot row. A record's gradient by W
// is s_t at one weight of each table and 0 elsewhere, so its norm √Σ s_t² is the same
// for every record, and known beforehand. The s_t are given as integers, multiples of
// maxGradNorm·2^-SumBits, whose norm is at most maxGradNorm: that is the clip, and
// no record is ever changed by it.
type SecondOrder interface {
	// PairGradients adds the gradients of rows indices[i] of table, i < *count, to sum:
	//
	//	sum[Offset_t + (a·CountB_t + b)·CountTarget_t + y] += Gradient_t   for each t
	//
	// with a, b and y the row's codes in the columns A_t, B_t and Target_t (y = 0 without
	// one). indices is Uint32[P], count Uint32[1]; a row that comes twice counts twice.
	// sum [pairs.Weights] views a Uint64 buffer: integers in two's complement, as
	// ClippedSum's, exact in any order, and 2^40 rows do not overflow it. What pairs
	// refer to must not change once they were used. Errors: pairs that Limits refuses, a
	// table with too few columns or with codes beyond the limits, an index beyond the table.
	PairGradients(sum Vector, table Table, pairs *PairTables, indices, count Buffer)
	// PrivateMean moves a running mean of what is released. For each element i
	//
	//	g = Scale_i·((private_i + noise_i)·u),   u = maxGradNorm·2^-SumBits/privateCount
	//	Count_i += 1
	//	Values_i += (g - Values_i)/Count_i
	//
	// and zeroes private, a view of a Uint64 buffer as PairGradients or ClippedSum left it.
	// noise is PrivateAdam's: RoundedNoise with sigma = noise.Multiplier·2^SumBits, draw i
	// for element i. private + noise is an integer; what follows is float64, each
	// operation rounded on its own, and Values and Count are rounded to float32 once. So
	// all devices agree to the last bit. Errors: those of PrivateAdam.
	PrivateMean(mean Mean, private Vector, noise Noise, maxGradNorm, privateCount float64)
}

// Mean is a running mean: Values, what an integer of theirs is worth (Scale), and how
// many observations each stands for so far (Count, ≥ 0; it may begin above zero, and
// weighs what Values begin with). Each is [P]. A Count of 2^24 stays there.
type Mean struct{ Values, Scale, Count Vector }

// PairTable is one table of a second-order discriminator's weights: a weight for each
// combination of the codes of two columns or, with a Target, of three.
type PairTable struct {
	A, B   int // columns of the Table whose codes are the cells
	Target int // a third column, or -1
	// CountB and CountTarget are the numbers of codes of B and of Target (1 without one).
	// That of A follows from the weights up to the next table.
	CountB, CountTarget int
	// Offset is of the first weight; that of codes (a, b, y) is at Offset +
	// (a·CountB + b)·CountTarget + y.
	Offset int
	// Gradient is what a record adds to the sum of its weight, > 0, a multiple of
	// maxGradNorm·2^-SumBits.
	Gradient int32
}

// PairTables are all of them, in any order, over Weights weights in all. The weights
// from a table's Offset up to the next one's are its own.
type PairTables struct {
	Tables  []PairTable
	Weights int
}

// Limits returns, for each column of a Table, the number that its codes must lie below, so
// that each record falls on a weight of each table's own; 0 for columns that no table looks
// at. It fails where a record's gradient could be longer than maxGradNorm: if Σ
// Gradient² > MostSquare, or if two tables share weights.
func (p *PairTables) Limits() (limits []int, err error) {
	order, square := make([]int, len(p.Tables)), 0.0
	for i := range p.Tables {
		order[i] = i
		if err := p.Tables[i].validate(); err != nil {
			return nil, fmt.Errorf("pair table %d: %w", i, err)
		}
		square += float64(p.Tables[i].Gradient) * float64(p.Tables[i].Gradient)
	}
	if square > MostSquare {
		return nil, fmt.Errorf("pair tables: a record's gradient has the norm %v·max_grad_norm: must be below 1", math.Sqrt(square)/(1<<SumBits))
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(p.Tables[i].Offset, p.Tables[j].Offset) })
	for n, i := range order {
		t, end := &p.Tables[i], p.Weights
		if n+1 < len(order) {
			end = p.Tables[order[n+1]].Offset
		}
		codes := (end - t.Offset) / (t.CountB * t.CountTarget) // of A
		if t.Offset < 0 || end > p.Weights || codes < 1 {
			return nil, fmt.Errorf("pair table %d: weights %d to %d of %d: no room for %d·%d codes", i, t.Offset, end, p.Weights, t.CountB, t.CountTarget)
		}
		limits = limit(limits, t.A, codes)
		limits = limit(limits, t.B, t.CountB)
		if t.Target >= 0 {
			limits = limit(limits, t.Target, t.CountTarget)
		}
	}
	return limits, nil
}

// mostColumns is more than any table has.
const mostColumns = 1 << 20

// validate checks what can be told of one table alone.
func (t *PairTable) validate() error {
	switch {
	case min(t.A, t.B) < 0 || t.Target < -1 || max(t.A, t.B, t.Target) >= mostColumns:
		return fmt.Errorf("columns=%d, %d, target=%d: must be columns of the table (target -1: none)", t.A, t.B, t.Target)
	case min(t.CountB, t.CountTarget) < 1 || max(t.CountB, t.CountTarget) > math.MaxInt32:
		return fmt.Errorf("count_b=%d, count_target=%d: must be > 0 and fit 32 bits", t.CountB, t.CountTarget)
	case t.Target < 0 && t.CountTarget != 1:
		return fmt.Errorf("count_target=%d: must be 1 without a target", t.CountTarget)
	case t.Gradient <= 0:
		return fmt.Errorf("gradient=%d: must be > 0", t.Gradient)
	}
	return nil
}

// limit lowers the limit of a column to count.
func limit(limits []int, column, count int) []int {
	for len(limits) <= column {
		limits = append(limits, 0)
	}
	if limits[column] == 0 || count < limits[column] {
		limits[column] = count
	}
	return limits
}

// WithinLimits compares what the codes of a table's columns lie below (Codes.Limit) with
// what they must, of as many columns or fewer.
func WithinLimits(codes, limits []int) error {
	for column, most := range limits {
		if most > 0 && codes[column] > most {
			return fmt.Errorf("column %d has codes up to %d: the pair tables have %d", column, codes[column]-1, most)
		}
	}
	return nil
}
