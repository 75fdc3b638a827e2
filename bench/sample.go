package bench

import (
	"io"
	"math"

	"github.com/dpgan/dpgan/gan/sample"

	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/tabular"
)

// sampleBatch is how many rows a sampler draws at a time, unless it refines them: of
// fewer, most runs would only hand out what another has drawn.
const sampleBatch = 1 << 16

// sample draws from a model that has trained for a few steps: its speed does not
// hang on what it has learned.
func sampleRows(r *runner) error {
	table := r.cfg.Demo
	if table == nil {
		return r.emitted(work{name: "draw", modes: []string{private}}, func() ([]Row, error) { return nil, skipped("the caller gives no table") })
	}
	few := *table
	few.Settings.Training.Steps = min(few.Settings.Training.Steps, 20)
	columns := len(few.Settings.Domain.Learned())
	return r.time(work{name: "draw " + table.Name, modes: []string{private}, batch: sampleBatch, dim: columns,
		build: func(a allocator) ([]contender, error) {
			trained, err := trainOnce(r.ctx, a.Device, &few)
			if err != nil {
				return nil, err
			}
			codes, err := sampler(a, trained.model, nil)
			if err != nil {
				return nil, err
			}
			csv, err := sampler(a, trained.model, tabular.NewStreamWriter(io.Discard, trained.model.Domain().Codec))
			if err != nil {
				return nil, err
			}
			codes.amend = func(row *Row) { row.Name = "codes " + table.Name }
			csv.amend = func(row *Row) { row.Name = "csv " + table.Name }
			return []contender{codes, csv}, nil
		}})
}

// sampler draws a batch a run, and writes it, unless writer is nil.
func sampler(a allocator, model *model.Model, writer *tabular.Writer) (contender, error) {
	source, err := sample.New(a.meter, model, sample.Config{Seed: 1, Rows: math.MaxInt})
	if err != nil {
		return contender{}, err
	}
	var failed error
	run := func() {
		for left := sampleBatch; left > 0 && failed == nil; {
			columns, err := source.Next(left)
			if err == nil && writer != nil {
				err = writer.Write(columns)
			}
			if failed = err; err == nil {
				left -= len(columns[0])
			}
		}
	}
	sync := func() error {
		if failed != nil {
			return failed
		}
		return a.Sync()
	}
	return contender{mode: private, run: run, sync: sync}, nil
}
