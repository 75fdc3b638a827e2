package gan

import (
	"fmt"
	"math/rand/v2"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/mixture"
	"github.com/dpgan/dpgan/tabular"
)

// mixtureModel is what training leaves: how columns are cut, and a generator over
// atoms (its tensors are the model's).
type mixtureModel struct {
	Columns []Column    `json:"columns"`
	Atoms   AtomsConfig `json:"atoms"`
	// Differences are the columns of which Columns cuts the distance from another.
	Differences []tabular.Difference `json:"differences,omitempty"`

	tensors Tensors
	mixture *mixture.Mixture
}

// load builds the mixture from the tensors, which come from a file.
func (m *mixtureModel) load(codec *tabular.Codec, rules *tabular.Rules, tensors Tensors) (err error) {
	if m.Differences, err = sameDifferences(rules, m.Differences); err != nil {
		return err
	}
	codec = codec.WithDifferences(m.Differences)
	if len(m.Columns) != len(codec.Learned()) {
		return fmt.Errorf("cells of %d columns for %d", len(m.Columns), len(codec.Learned()))
	}
	for j := range m.Columns {
		if err := m.Columns[j].fit(codec.Size(j)); err != nil {
			return fmt.Errorf("column %d: %w", j, err)
		}
	}
	if err := m.Atoms.validate(); err != nil {
		return err
	}
	m.tensors = tensors
	shape := newAtomsShape(m.Atoms, cellLayout(m.Columns))
	for _, s := range []*store{&shape.parameters, &shape.codes} {
		if _, err := s.join(tensors, ""); err != nil {
			return err
		}
	}
	return nil
}

func (c *AtomsConfig) validate() error {
	if c.Count < 1 || c.Count > 1<<20 || c.Latent < 1 || c.Latent > 1<<16 || len(c.Hidden) > 0 && !positive(c.Hidden) {
		return fmt.Errorf("atoms %+v: not a shape", *c)
	}
	return nil
}

// open computes the atoms' distributions on dev.
func (m *mixtureModel) open(dev device.Device) (*mixture.Mixture, error) {
	if m.mixture != nil {
		return m.mixture, nil
	}
	scope := device.NewScope(dev)
	defer scope.Release()
	a := &arena{dev: scope}
	shape := newAtomsShape(m.Atoms, cellLayout(m.Columns))
	t := newAtoms(a, shape)
	if a.err != nil {
		return nil, a.err
	}
	net, err := shape.parameters.join(m.tensors, "")
	if err != nil {
		return nil, err
	}
	codes, err := shape.codes.join(m.tensors, "")
	if err != nil {
		return nil, err
	}
	dev.Upload(t.net.adam.Parameters.Buffer, 0, net)
	dev.Upload(t.codes.adam.Parameters.Buffer, 0, codes)
	t.forward()
	p := make([]float32, t.p.Rows*t.p.Cols)
	if err := dev.Download(p, t.p.Buffer, 0); err != nil {
		return nil, fmt.Errorf("gan: compute the atoms: %w", err)
	}
	counts := make([]int, len(m.Columns))
	for j := range counts {
		counts[j] = m.Columns[j].Count
	}
	m.mixture, err = mixture.New(p, counts)
	return m.mixture, err
}

// The ways to refine a sample.
const (
	// RefineAuto is RefineMoments for at most RefinedRows rows; for more it is RefineNone.
	RefineAuto = "auto"
	// RefineNone draws every row by itself, each atom about equally often.
	RefineNone = "none"
	// RefineMoments redraws rows until pairs of columns are as frequent as in the
	// model, not only about.
	RefineMoments = "moments"
)

// RefinedRows is the most rows that are refined together.
const RefinedRows = 1 << 17

// blockRows is how many rows of a sample that is not refined are drawn at a time.
const blockRows = 1 << 16

// refineRounds is how many rounds a sample of columns columns is refined for: a
// round looks at all pairs of them, so wide tables get fewer.
func refineRounds(columns int) int {
	const most, least, easy = 300, 60, 20
	return max(least, min(most, most*easy*easy/(columns*columns)))
}

// rows draws the rows of c.
func (m *mixtureModel) rows(c *conditioned, config SampleConfig) (func() ([][]uint32, error), error) {
	how, err := refinement(config)
	if err != nil {
		return nil, err
	}
	block, drawn, done := min(config.Rows, blockRows), uint64(0), 0
	if how != RefineNone {
		block = config.Rows
	}
	return func() ([][]uint32, error) {
		// Blocks have seeds of their own: the next block is not the next seed's first.
		n, seed := block, rand.New(rand.NewPCG(config.Seed, drawn)).Uint64()
		if c.balance != nil {
			n = min(block, config.Rows-done) // all of them, or they are out of balance
		}
		columns, err := m.sample(c, how, n, done, seed)
		drawn++
		done += n
		return columns, err
	}, nil
}

// refinement is the way to refine that config means.
func refinement(config SampleConfig) (string, error) {
	switch how := config.Refine; {
	case how == RefineNone, (how == RefineAuto || how == "") && config.Rows > RefinedRows:
		return RefineNone, nil
	case how == RefineAuto, how == "":
		return RefineMoments, nil
	case how == RefineMoments && config.Rows > RefinedRows:
		return "", fmt.Errorf("gan: refine=%s: at most %d rows are refined together: ask for fewer, or for none", how, RefinedRows)
	case how == RefineMoments:
		return how, nil
	default:
		return "", fmt.Errorf("gan: refine=%q: must be auto, none or moments", how)
	}
}

func (m *mixtureModel) refined(mix *mixture.Mixture, how string, n int, seed uint64) *mixture.Rows {
	rows := mix.Sample(n, seed)
	if how == RefineMoments {
		mix.Refine(rows, mix.FromAtoms(rows), seed, refineRounds(len(m.Columns)))
	}
	return rows
}
