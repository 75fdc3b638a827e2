package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dpgan/dpgan/device"
)

// Suite is a group of cases with one question.
type Suite struct {
	Name, About string
	run         func(*runner) error
	// across tells that run goes through the numbers of threads itself.
	across bool
}

// Suites lists the suites in the order in which they run.
func Suites() []Suite {
	return []Suite{
		{Name: "step-micro", About: "discriminator step d-256-256-1 on a given batch, through the device contract, private and not", run: stepMicro},
		{Name: "dp-tax", About: "what privacy costs: private over non-private, for that step and for a whole one from Poisson batch to update", run: dpTax},
		{Name: "second-order", About: "the two steps of the default: one of the second-order discriminator, from Poisson batch to update, and one of the generator", run: secondOrder},
		{Name: "rows", About: "a whole step on 1e5 … 1e8 resident rows: time must not grow with the table", run: resident},
		{Name: "cpu-scale", About: "the private step on 1, 2, 4 … threads", run: cpuScale, across: true},
		{Name: "e2e", About: "a training from CSV to model on the demo table, and its share of time outside the steps", run: endToEnd},
		{Name: "e2e-adult", About: "the same on Adult; needs the table", run: endToEndAdult},
		{Name: "sample", About: "synthetic rows a second, as codes and as CSV", run: sampleRows},
	}
}

// Run times the suites of cfg on each target, in turn, and emits a Row for each
// mode of each case. The targets are tried first: one that does not open fails
// the run before it has begun. If ctx ends, the error wraps ctx.Err().
func Run(ctx context.Context, cfg Config, targets []Target, emit func(Row)) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	r := &runner{ctx: ctx, cfg: &cfg, emit: emit}
	for _, t := range targets {
		dev, err := t.Open(0)
		if err == nil {
			err = errors.Join(dev.Sync(), dev.Close())
		}
		if err != nil {
			return err
		}
	}
	for _, s := range cfg.selected() {
		for _, t := range targets {
			threads := []int{0}
			if t.Host && !s.across {
				threads = cfg.threads()
			}
			for _, n := range threads {
				r.suite, r.target, r.threads = s.Name, t, n
				if err := s.run(r); err != nil {
					return fmt.Errorf("bench: %s on %s: %w", s.Name, t.Name, err)
				}
			}
		}
	}
	return nil
}

// runner times one suite on one target with one number of threads.
type runner struct {
	ctx     context.Context
	cfg     *Config
	emit    func(Row)
	suite   string
	target  Target
	threads int
}

// work is one case.
type work struct {
	name       string
	batch, dim int
	modes      []string
	flops      float64
	bytes      int64 // about what it will take, known before
	build      func(a allocator) ([]contender, error)
	at         func(batch int) work // the same case on another batch; nil: there is none
}

// time opens the device, builds the case, times it and emits its rows.
func (r *runner) time(w work) error {
	return r.emitted(w, func() ([]Row, error) { return r.measure(w) })
}

// emitted emits the rows of a case, or, if it cannot be timed, rows that say why.
func (r *runner) emitted(w work, measure func() ([]Row, error)) error {
	if r.cfg.choose != nil && !r.cfg.choose(r.suite, w.name) {
		return nil
	}
	if err := r.ctx.Err(); err != nil {
		return fmt.Errorf("interrupted: %w", err)
	}
	if r.cfg.Progress != nil {
		r.cfg.Progress(fmt.Sprintf("%s %s on %s", r.suite, w.name, r.place()))
	}
	rows, err := measure()
	if short := (*device.MemoryError)(nil); errors.As(err, &short) {
		err = skipped("does not fit: %v", short)
	}
	if s := (*skip)(nil); errors.As(err, &s) {
		rows = nil
		for _, mode := range w.modes {
			row := r.row(w, mode)
			row.MessageType, row.Reason = "skipped", s.reason
			rows = append(rows, row)
		}
		err = nil
	}
	for _, row := range rows {
		r.emit(row)
	}
	return err
}

func (r *runner) place() string {
	switch r.threads {
	case 0:
		return r.target.Name
	case 1:
		return r.target.Name + ", 1 thread"
	}
	return fmt.Sprintf("%s, %d threads", r.target.Name, r.threads)
}

func (r *runner) row(w work, mode string) Row {
	return Row{MessageType: "row", Suite: r.suite, Name: w.name, Device: r.target.Name, Mode: mode,
		Batch: w.batch, Dim: w.dim, Threads: r.threads}
}

func (r *runner) measure(w work) (rows []Row, err error) {
	if r.target.Host {
		if err := fits(w.bytes); err != nil {
			return nil, err
		}
	}
	dev, err := r.target.Open(r.threads)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, dev.Close()) }()
	scope := device.NewScope(dev)
	a := allocator{meter: &meter{Device: scope}}
	contenders, err := w.build(a)
	if err == nil {
		err = dev.Sync()
	}
	bytes := a.bytes
	if short := (*device.MemoryError)(nil); errors.As(err, &short) {
		scope.Release()
		largest := ""
		if short.Free >= 0 {
			largest = w.largest(dev, short.Free+bytes)
		}
		return nil, skipped("does not fit: %v%s", short, largest)
	}
	if err != nil {
		return nil, err
	}
	top, err := newPeak(dev, r.cfg.Quick)
	if err != nil {
		return nil, err
	}
	timings, err := r.cfg.pacing().interleave(r.ctx, append(contenders, top.contender))
	if err != nil {
		return nil, err
	}
	peak := timings[len(timings)-1]
	plain := slices.IndexFunc(contenders, func(c contender) bool { return c.mode == nonPrivate })
	for i, c := range contenders {
		row := r.row(w, c.mode)
		row.Bytes = bytes
		row.describe(dev, timings[i], w.flops)
		row.against(top, peak)
		if plain >= 0 && i != plain {
			row.OverNonPrivate = timings[i].over(timings[plain])
		}
		row.overFirst = timings[i].over(timings[0])
		if c.amend != nil {
			c.amend(&row)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// describe sets what follows from the time of a step.
func (r *Row) describe(dev device.Device, t timing, flops float64) {
	seconds := t.median()
	r.DeviceName, r.Precision, r.Runs = dev.Name(), dev.Precision().String(), len(t)
	r.MS, r.MSLow, r.MSHigh = 1e3*seconds, 1e3*quantile(t, 0.25), 1e3*quantile(t, 0.75)
	r.RowsPerSecond = float64(r.Batch) / seconds
	r.GFLOPS = flops / seconds / 1e9
}
