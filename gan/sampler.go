package gan

import (
	"fmt"

	"github.com/dpgan/dpgan/device"
)

// SampleConfig is what rows are wanted.
type SampleConfig struct {
	// Seed repeats the public randomness.
	Seed uint64
	// Rows is how many rows will be asked for in all.
	Rows int
	// Refine is what a sample of at most RefinedRows rows is brought closer to:
	// see the constants. "" is RefineAuto.
	Refine string
	// Where are conditions that all rows meet: COLUMN=WANTED, where WANTED is what
	// tabular.Codec.Condition reads, or several of it separated by |. They cost no
	// privacy, being answered by the model.
	Where []string
	// Balance names a listed column whose values, those that Where leaves, are
	// drawn equally often; "": none.
	Balance string
}

// Validate reports what cannot be sampled.
func (c *SampleConfig) Validate() error {
	if c.Rows < 1 {
		return fmt.Errorf("gan: sample rows=%d: must be at least 1", c.Rows)
	}
	return nil
}

// Sampler draws synthetic rows from a model: the same rows for the same model
// and config, whatever the device's threads and however they are asked for.
type Sampler struct {
	draw    func() ([][]uint32, error) // the next rows, as codes
	columns [][]uint32                 // the rows on hand
	used    int                        // rows of them handed out
	left    int

	probability func() float64
	absent      []string
}

// NewSampler prepares to draw rows from m. Conditions that make no sense, or that
// m cannot meet, are a *ConditionError.
func NewSampler(dev device.Device, m *Model, config SampleConfig) (*Sampler, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	c, err := m.mixture.conditioned(dev, m.codec, m.rules, &config)
	if err != nil {
		return nil, err
	}
	s := &Sampler{left: config.Rows, probability: c.share}
	if c.balance != nil {
		s.absent = c.balance.absent
	}
	if s.draw, err = m.mixture.rows(c, config); err != nil {
		return nil, err
	}
	return s, m.keepRules(s, config, m.mixture.choosers(c, m.codec, m.rules))
}

// Probability is how probable a row that meets the conditions is in the model: 1
// without conditions. It is estimated from the rows drawn so far where several
// conditions are on columns that an order derives.
func (s *Sampler) Probability() float64 { return s.probability() }

// Absent lists the values of a balanced column that the model gives no share, and
// that therefore do not occur.
func (s *Sampler) Absent() []string { return s.absent }

// Next is the next rows, at most n and at least one, as one slice of codes a
// column. The slices are reused by the following call.
func (s *Sampler) Next(n int) ([][]uint32, error) {
	if s.left == 0 {
		return nil, fmt.Errorf("gan: sample: all rows asked for are drawn")
	}
	if s.columns == nil || s.used == len(s.columns[0]) {
		columns, err := s.draw()
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
