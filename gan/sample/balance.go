package sample

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/tabular"
)

// balance draws each value of a listed column equally often.
type balance struct {
	column int
	// via is the column that is drawn: column itself, or the one that determines it.
	via    int
	values []uint32          // codes of column
	of     []tabular.CodeSet // codes of via that give each value
	cells  [][]float64       // how probable each cell of via is given each value, up to a factor
	draws  []*decoder        // of via, for each value
	shares []float64         // their probabilities before
	// absent are the values that the model gives no share, which are left out.
	absent []string
}

// newBalance lists the values of a column that the conditions leave. Missing cells
// are a value only if a condition names them.
func newBalance(domain *tabular.Domain, name string, conditions []predicate) (*balance, error) {
	codec := domain.Codec
	fail := func(format string, args ...any) error {
		return &ConditionError{"balance", name, fmt.Sprintf(format, args...)}
	}
	j, err := codec.Find(name)
	if err != nil {
		return nil, &ConditionError{"balance", name, err.Error()}
	}
	if !codec.Listed(j) {
		return nil, fail("column %q is of type %s: only listed values can be drawn equally often; name a categorical, ordinal or boolean column, or ask for a range with where",
			name, codec.Schema().Columns[codec.Learned()[j]].Type)
	}
	b := &balance{column: j}
	b.via, _ = domain.Rules.Root(j, nil)
	for code := range codec.Values(j) {
		b.values = append(b.values, code)
	}
	for _, c := range conditions {
		if c.column != j {
			continue
		}
		b.values = b.values[:0]
		for code := range codec.Size(j) {
			if c.codes.Has(code) {
				b.values = append(b.values, code)
			}
		}
	}
	return b, nil
}

// keepProbable keeps the values that share gives a probability worth drawing.
func (b *balance) keepProbable(codec *tabular.Codec, share func(code uint32) float64) error {
	b.values = slices.DeleteFunc(b.values, func(code uint32) bool {
		p := share(code)
		if p < leastProbability {
			b.absent = append(b.absent, string(codec.AppendCell(nil, b.column, code)))
			return true
		}
		b.shares = append(b.shares, p)
		return false
	})
	if len(b.values) == 0 {
		name := codec.Name(b.column)
		return &ConditionError{"balance", name, fmt.Sprintf("none of its values has a probability of %g or more in the model", leastProbability)}
	}
	return nil
}

// solve finds how probable the values are, and what of via makes each: via is cut as
// c is, by draws what conditions leave of it, the codes of left (nil: all),
// and its cells have shares.
func (b *balance) solve(domain *tabular.Domain, c *marginal.Binning, by *decoder, left tabular.CodeSet, shares []float64) error {
	part := func(value uint32) (of tabular.CodeSet, cells []float64, draws *decoder, share float64) {
		_, of = domain.Rules.Root(b.column, tabular.OneCode(value))
		if left != nil {
			of = of.And(left)
		}
		draws, cells = newDecoder(c, evenly(of)), make([]float64, len(shares))
		for k, p := range shares {
			if all := by.share(k); all > 0 && len(of) > 0 {
				cells[k] = p * draws.share(k) / all
				share += cells[k]
			}
		}
		return of, cells, draws, share
	}
	return b.keepProbable(domain.Codec, func(value uint32) float64 {
		of, cells, draws, share := part(value)
		if share >= leastProbability {
			b.of, b.cells, b.draws = append(b.of, of), append(b.cells, cells), append(b.draws, draws)
		}
		return share
	})
}

// weights weighs what makes each value by the inverse of its probability, so that all
// become equally probable.
func (b *balance) weights() codeWeights {
	var out codeWeights
	for k, of := range b.of {
		for _, run := range of {
			out = append(out, weightedRun{run, 1 / b.shares[k] / float64(len(b.values))})
		}
	}
	slices.SortFunc(out, func(x, y weightedRun) int { return cmp.Compare(x.From, y.From) })
	return out
}

// viaCodes draws the codes of via that give the values of codes.
func (b *balance) viaCodes(codes []uint32, seed uint64) []uint32 {
	if b.via == b.column {
		return codes
	}
	random, out := rand.New(rand.NewPCG(seed, 0xba1b)), make([]uint32, len(codes))
	for i, code := range codes {
		k := slices.Index(b.values, code)
		cell, _ := drawWeighted(b.cells[k], random)
		out[i] = b.draws[k].draw(uint32(cell), random)
	}
	return out
}

// codes is the column of the next n rows after done: all values in turn, shuffled.
func (b *balance) codes(n, done int, seed uint64) []uint32 {
	codes := make([]uint32, n)
	for i := range codes {
		codes[i] = b.values[(done+i)%len(b.values)]
	}
	rand.New(rand.NewPCG(seed, 0xba1a)).Shuffle(n, func(a, b int) { codes[a], codes[b] = codes[b], codes[a] })
	return codes
}
