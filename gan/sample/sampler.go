package sample

import (
	"fmt"
	"iter"
	"math/rand/v2"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/model"
)

// Sampler draws synthetic rows from a model: the same rows for the same model
// and config, whatever the device's threads and however they are asked for.
type Sampler struct {
	block   func() ([][]uint32, error) // the next rows, as codes
	columns [][]uint32                 // the rows on hand
	used    int                        // rows of them handed out
	left    int
	given   *conditional
}

// New prepares to draw rows from m. Conditions that make no sense, or that
// m cannot meet, are a *ConditionError.
func New(dev device.Device, m *model.Model, config Config) (*Sampler, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	o, err := open(dev, m)
	if err != nil {
		return nil, err
	}
	return newSampler(o, config)
}

// newSampler says how rows come to be: what is wanted of them, the mixture given that,
// blocks of its rows, refined, and of those each that breaks a rule repaired.
func newSampler(o *generator, config Config) (*Sampler, error) {
	how, err := refinement(config)
	if err != nil {
		return nil, err
	}
	r, err := parseRequest(o.domain, config)
	if err != nil {
		return nil, err
	}
	c, err := o.given(r, config.Seed)
	if err != nil {
		return nil, err
	}
	size, rules := min(config.Rows, blockRows), o.repairer(c, config.Seed)
	if how != RefineNone {
		size = config.Rows
	}
	done, blocks, fixed := 0, uint64(0), r.fixed()
	return &Sampler{left: config.Rows, given: c, block: func() ([][]uint32, error) {
		// Blocks have seeds of their own: the next block is not the next seed's first.
		n, seed := size, rand.New(rand.NewPCG(config.Seed, blocks)).Uint64()
		if c.balance != nil {
			n = min(size, config.Rows-done) // all of them, or they are out of balance
		}
		columns, err := o.sample(c, how, n, done, seed)
		blocks++
		done += n
		if err == nil && o.domain.Rules.Len() > 0 {
			err = rules.repair(columns, func(int) []bool { return fixed })
		}
		return columns, err
	}}, nil
}

// Probability is how probable a row that meets the conditions is in the model: 1
// without conditions. It is estimated from the rows drawn so far where several
// conditions are on columns that an order derives.
func (s *Sampler) Probability() float64 { return s.given.share() }

// Absent lists the values of a balanced column that the model gives no share, and
// that therefore do not occur.
func (s *Sampler) Absent() []string {
	if s.given.balance == nil {
		return nil
	}
	return s.given.balance.absent
}

// rowsAtOnce is how many rows All hands out at a time: enough to write them fast, few enough
// to stop soon.
const rowsAtOnce = 4096

// All are the rows that are left, some at a time, each as one slice of codes a column. The
// slices are reused by the following ones. After an error there are no more.
func (s *Sampler) All() iter.Seq2[[][]uint32, error] {
	return func(yield func([][]uint32, error) bool) {
		for s.left > 0 {
			columns, err := s.Next(rowsAtOnce)
			if !yield(columns, err) || err != nil {
				return
			}
		}
	}
}

// Next is the next rows, at most n and at least one, as one slice of codes a
// column. The slices are reused by the following call.
func (s *Sampler) Next(n int) ([][]uint32, error) {
	if s.left == 0 {
		return nil, fmt.Errorf("gan: sample: all rows asked for are drawn")
	}
	if s.columns == nil || s.used == len(s.columns[0]) {
		columns, err := s.block()
		if err != nil {
			return nil, fmt.Errorf("gan: sample: %w", err)
		}
		s.columns, s.used = columns, 0
	}
	n = min(n, s.left, len(s.columns[0])-s.used)
	out := make([][]uint32, len(s.columns))
	for j := range out {
		out[j] = s.columns[j][s.used : s.used+n]
	}
	s.used += n
	s.left -= n
	return out, nil
}
