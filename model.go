package dpgan

import (
	"context"
	"errors"
	"iter"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/gan/sample"
	"github.com/dpgan/dpgan/tabular"
)

// Model is what a run leaves. It holds no row of the table, and rows drawn from it cost
// no further privacy, however many.
type Model struct{ model *model.Model }

// Open reads the file of a model.
func Open(path string) (*Model, error) {
	m, err := model.Load(path)
	if err != nil {
		return nil, &UsageError{err}
	}
	return &Model{m}, nil
}

// Privacy is what the model cost.
func (m *Model) Privacy() Statement { return m.model.Privacy() }

// Columns are the names of the table's columns, in their order.
func (m *Model) Columns() []string {
	var names []string
	for _, c := range m.model.Domain().Schema().Columns {
		names = append(names, c.Name)
	}
	return names
}

// Save writes the model to path, whole or not at all.
func (m *Model) Save(path string) error { return m.model.Save(path) }

// Sample prepares to draw rows: the same for the same model and config. What the model
// cannot meet is a *UsageError.
func (m *Model) Sample(config SampleConfig) (*Sample, error) {
	dev := cpu.New(0)
	s, err := sample.New(dev, m.model, config)
	if err = errors.Join(err, dev.Close()); err != nil {
		return nil, usage(err)
	}
	return &Sample{codec: m.model.Domain().Codec, sampler: s}, nil
}

// ImputeConfig is what is to be filled.
type ImputeConfig = sample.ImputeConfig

// ImputeFile fills the missing cells of the table in, given the rest of their rows, writes
// it to out, and counts the cells. The result holds the rows of in, and is as private as
// they are.
func (m *Model) ImputeFile(ctx context.Context, in, out string, config ImputeConfig) (filled int, err error) {
	dev := cpu.New(0)
	p, err := sample.NewImputer(dev, m.model, config)
	if err = errors.Join(err, dev.Close()); err != nil {
		return 0, usage(err)
	}
	_, filled, err = p.FillFile(ctx, in, out)
	return filled, usage(err)
}

// usage marks what is wrong with a condition as the caller's to mend.
func usage(err error) error {
	if c := (*sample.ConditionError)(nil); errors.As(err, &c) || errors.Is(err, tabular.ErrRules) {
		return &UsageError{err}
	}
	return err
}

// Sample is synthetic rows, which are drawn as they are asked for, once: by Records or by
// WriteFile.
type Sample struct {
	codec   *tabular.Codec
	sampler *sample.Sampler
	drawn   int
}

// Probability is how probable a row that meets the conditions is in the model.
func (s *Sample) Probability() float64 { return s.sampler.Probability() }

// Records are the rows, a cell for each column as a file would hold it.
func (s *Sample) Records() iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for columns, err := range s.blocks() {
			if err != nil {
				yield(nil, usage(err))
				return
			}
			for i := range columns[0] {
				s.drawn++
				if !yield(s.codec.Record(columns, i, int64(s.drawn)), nil) {
					return
				}
			}
		}
	}
}

// WriteFile writes the rows to path, a .csv, .csv.gz or .parquet, whole or not at all.
func (s *Sample) WriteFile(path string) (err error) {
	table, err := tabular.NewWriter(path, s.codec)
	if err != nil {
		return &UsageError{err}
	}
	defer func() { err = errors.Join(err, table.Abort()) }()
	for columns, err := range s.blocks() {
		if err != nil {
			return usage(err)
		}
		if err := table.Write(columns); err != nil {
			return err
		}
		s.drawn += len(columns[0])
	}
	return table.Close()
}

// blocks are the rows as codes by learned column, some at a time.
func (s *Sample) blocks() iter.Seq2[[][]uint32, error] {
	if s.drawn == 0 {
		return s.sampler.All()
	}
	return func(yield func([][]uint32, error) bool) {
		yield(nil, errors.New("dpgan: the rows were drawn already: ask for another sample"))
	}
}
