package bench

import (
	"fmt"
	"math/rand/v2"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
)

// A resident row has 15 columns of 12 categories, a byte each: 180 cells once it
// is laid out.
const (
	residentColumns    = 15
	residentCategories = 12
)

// resident times one batch size on tables of growing size, all of them resident,
// in the same rounds.
func resident(r *runner) error {
	sizes, batch := []int{1e5, 1e6, 1e7, 1e8}, 1024
	if r.cfg.Quick {
		sizes = []int{1e4, 1e5}
	}
	if r.cfg.Batch > 0 {
		batch = r.cfg.Batch
	}
	all := r.wholeWork(sizes[0], batch, residentColumns, private)
	all.bytes = 0
	var builds []func(a allocator) ([]contender, error)
	for _, rows := range sizes {
		w := r.wholeWork(rows, batch, residentColumns, private)
		if err := fits(all.bytes + w.bytes); err != nil && r.target.Host {
			if err := r.emitted(w, func() ([]Row, error) { return nil, err }); err != nil {
				return err
			}
			continue
		}
		all.bytes += w.bytes
		builds = append(builds, w.build)
	}
	all.build = func(a allocator) (list []contender, err error) {
		for _, build := range builds {
			one, err := build(a)
			if err != nil {
				return nil, err
			}
			amend := one[0].amend
			one[0].amend = func(row *Row) {
				amend(row)
				row.OverSmallest = row.overFirst
			}
			list = append(list, one...)
		}
		return list, nil
	}
	return r.time(all)
}

// wholeWork is a step on a table of so many rows, from Poisson batch to update,
// with as many fakes as real rows. The fakes are normals: what makes them is not
// timed. The private step is dpsgd.Step; the other one has the same operations,
// but norms, clip factors and noise, on a batch of fixed size.
func (r *runner) wholeWork(rows, batch, columns int, modes ...string) work {
	layout := oneHot(columns, residentCategories)
	widths := r.cfg.widths(layout.Width)
	w := work{name: wholeName(batch, rows, columns), batch: batch, dim: layout.Width, modes: modes,
		flops: 2 * flops(batch, widths), // the fakes' half costs the same
		// A growing slice holds its old copy while it moves.
		bytes: 9 * int64(rows) * int64(columns) / 4}
	w.at = func(batch int) work { return r.wholeWork(rows, batch, columns, modes...) }
	w.build = func(a allocator) ([]contender, error) {
		before := *a.meter
		gate, err := madeUpGate(layout, rows)
		if err != nil {
			return nil, err
		}
		s := &wholeStep{critic: newCritic(a, widths), layout: layout, batch: batch, rows: rows}
		s.fake = s.newPass(s.filled(batch, layout.Width))
		var list []contender
		for _, mode := range modes {
			run, err := s.run(mode, gate)
			if err != nil {
				return nil, err
			}
			list = append(list, contender{mode: mode, run: run, sync: s.Sync})
		}
		bytes, perRow := a.bytes-before.bytes, float64(a.tables-before.tables)/float64(rows)
		for i := range list {
			list[i].amend = func(row *Row) {
				row.Name, row.Bytes = w.name, bytes
				row.TableRows, row.BytesPerRow = rows, perRow
			}
		}
		return list, nil
	}
	return w
}

func wholeName(batch, rows, columns int) string {
	return fmt.Sprintf("%d of %d rows x %d columns", batch, rows, columns)
}

// wholeStep is a step with both halves of the loss.
type wholeStep struct {
	*critic
	layout      *device.Layout
	fake        *pass
	batch, rows int
}

func (s *wholeStep) run(mode string, gate *dpsgd.Gate) (func(), error) {
	if s.err != nil {
		return nil, s.err
	}
	if mode == nonPrivate {
		return s.nonPrivate()
	}
	config := dpsgd.StepConfig{BatchSize: float64(s.batch), SampleRate: float64(s.batch) / float64(s.rows), MaxGradNorm: maxGradNorm,
		NoiseMultiplier: 1, PhysicalBatch: dpsgd.PhysicalBatch(float64(s.batch), s.rows, 0)}
	real := s.newPass(s.matrix(config.PhysicalBatch, s.layout.Width))
	if s.err != nil {
		return nil, s.err
	}
	step, err := dpsgd.NewStep(s.meter, gate, config, dpsgd.Model{Update: s.adam.Step, Net: &dpsgd.Net{
		Rows: real.values[0], Layout: s.layout, Draw: s.rng.Step, Adam: s.adam,
		Real: real.toDeltas, RealLayers: real.layers,
		Fake: s.fakeDeltas, FakeLayers: s.fake.layers}})
	if err != nil {
		return nil, err
	}
	return func() { step.Run(0) }, nil
}

func (s *wholeStep) fakeDeltas() {
	s.fake.forward()
	s.fake.loss(0)
	s.fake.backward()
}

// nonPrivate draws its batch with replacement, as trainers without privacy may,
// from a table of its own.
func (s *wholeStep) nonPrivate() (func(), error) {
	columns := make([]device.Codes, len(s.layout.Spans))
	draws := rand.New(rand.NewPCG(3, 4))
	for j := range columns {
		columns[j].U8 = make([]uint8, s.rows)
		for i := range columns[j].U8 {
			columns[j].U8[i] = uint8(draws.Uint32N(residentCategories))
		}
	}
	table, err := s.Device.NewTable(columns) // the private step's twin is counted
	if err != nil {
		return nil, err
	}
	indices, count := s.buffer(device.Uint32, s.batch), s.buffer(device.Uint32, 1)
	real := s.newPass(s.matrix(s.batch, s.layout.Width))
	if s.err != nil {
		return nil, s.err
	}
	s.Upload(count, 0, []uint32{uint32(s.batch)})
	program := s.Record("non-private step", func() {
		s.ExpandCodes(real.values[0], table, s.layout, indices, count)
		real.toDeltas()
		real.sum(s.gradient)
		s.fakeDeltas()
		s.fake.sum(s.gradient)
		s.Increment(s.rng.Step)
		s.Increment(s.adam.Step)
		s.AdamUpdate(s.adam, s.gradient)
	})
	chosen := make([]uint32, s.batch)
	return func() {
		for i := range chosen {
			chosen[i] = draws.Uint32N(uint32(s.rows))
		}
		s.Upload(indices, 0, chosen)
		program.Run()
	}, nil
}
