package bench

import "fmt"

// shape is a batch of rows, one-hot or dense.
type shape struct {
	batch, dim int
	hot        bool
}

func (s shape) name() string {
	if s.hot {
		return fmt.Sprintf("%dx%d-onehot", s.batch, s.dim)
	}
	return fmt.Sprintf("%dx%d", s.batch, s.dim)
}

// shapes are the suite's own, unless the configuration names one.
func (c *Config) shapes(own ...shape) []shape {
	if c.Batch == 0 && c.Dim == 0 {
		if c.Quick {
			own = own[:1]
		}
		return own
	}
	s := own[0]
	if c.Batch > 0 {
		s.batch = c.Batch
	}
	if c.Dim > 0 {
		s.dim = c.Dim
	}
	return []shape{s}
}

func (c *Config) widths(dim int) []int { return append(append([]int{dim}, c.hidden()...), 1) }

// stepWork is a step on a batch, in each of modes.
func (r *runner) stepWork(s shape, modes ...string) work {
	widths := r.cfg.widths(s.dim)
	at := func(batch int) work {
		s.batch = batch
		return r.stepWork(s, modes...)
	}
	return work{name: s.name(), at: at, batch: s.batch, dim: s.dim, modes: modes, flops: flops(s.batch, widths), bytes: stepBytes(s, widths),
		build: func(a allocator) ([]contender, error) {
			c := newCritic(a, widths)
			p := c.newPass(c.rows(s.batch, s.dim, s.hot))
			return c.contenders(modes, p.step)
		}}
}

// stepBytes is what the buffers of a step take, parameters aside.
func stepBytes(s shape, widths []int) int64 {
	cells := s.dim
	for _, w := range widths[1:] {
		cells += 2 * w
	}
	return 4 * int64(s.batch) * int64(cells)
}

// contenders records a step for each mode.
func (c *critic) contenders(modes []string, step func(mode string) func()) ([]contender, error) {
	var list []contender
	for _, mode := range modes {
		sequence := step(mode)
		if c.err != nil {
			return nil, c.err
		}
		list = append(list, contender{mode: mode, run: c.Record(mode, sequence).Run, sync: c.Sync})
	}
	return list, nil
}

func stepMicro(r *runner) error {
	var own []shape
	for _, batch := range []int{500, 4096, 65536} {
		own = append(own, shape{batch, 180, false}, shape{batch, 400, false}, shape{batch, 3000, false}, shape{batch, 3000, true})
	}
	for _, s := range r.cfg.shapes(own...) {
		if err := r.time(r.stepWork(s, private, nonPrivate)); err != nil {
			return err
		}
	}
	return nil
}

func dpTax(r *runner) error {
	shapes := r.cfg.shapes(shape{500, 180, false}, shape{500, 400, false}, shape{4096, 400, false})
	for _, s := range shapes {
		if err := r.time(r.stepWork(s, private, nonPrivate)); err != nil {
			return err
		}
	}
	columns := max(shapes[0].dim/residentCategories, 1)
	return r.time(r.wholeWork(100*shapes[0].batch, shapes[0].batch, columns, private, nonPrivate))
}
