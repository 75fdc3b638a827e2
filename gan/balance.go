package gan

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/dpgan/dpgan/tabular"
)

// balance draws each value of a listed column equally often.
type balance struct {
	column int
	values []uint32  // codes
	shares []float64 // their probabilities before
	// absent are the values that the model gives no share, which are left out.
	absent []string
}

// newBalance lists the values of a column that the conditions leave. Missing cells
// are a value only if a condition names them.
func newBalance(codec *tabular.Codec, name string, conditions []condition) (*balance, error) {
	fail := func(format string, args ...any) error {
		return &ConditionError{"balance", name, fmt.Sprintf(format, args...)}
	}
	j, err := codec.Find(name)
	if err != nil {
		return nil, &ConditionError{"balance", name, err.Error()}
	}
	if !listed(codec, j) {
		return nil, fail("column %q is of type %s: only listed values can be drawn equally often; name a categorical, ordinal or boolean column, or ask for a range with where",
			name, codec.Schema().Columns[codec.Learned()[j]].Type)
	}
	b := &balance{column: j}
	for code := range valueCount(codec, j) {
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

// keep keeps the values that share gives a probability worth drawing.
func (b *balance) keep(codec *tabular.Codec, share func(code uint32) float64) error {
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
		name := codec.Schema().Columns[codec.Learned()[b.column]].Name
		return &ConditionError{"balance", name, fmt.Sprintf("none of its values has a probability of %g or more in the model", leastProbability)}
	}
	return nil
}

// wanted weighs each value by the inverse of its probability, so that all become
// equally probable.
func (b *balance) wanted() wantedCodes {
	var out wantedCodes
	for k, code := range b.values {
		out = append(out, weightedRun{tabular.Run{From: code, To: code + 1}, 1 / b.shares[k] / float64(len(b.values))})
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
