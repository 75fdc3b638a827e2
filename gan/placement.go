package gan

import (
	"errors"
	"fmt"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
)

// within lets do work on a scope of the device and then frees what it placed there:
// a stage leaves its memory to the next.
func (t *Trainer) within(do func() error) error {
	scope := device.NewScope(t.dev)
	defer scope.Release()
	defer t.on(scope)()
	return do()
}

// on makes dev the trainer's device until back is called.
func (t *Trainer) on(dev device.Device) (back func()) {
	outer := t.dev
	t.dev = dev
	return func() { t.dev = outer }
}

// fitTables is fitJoint in a scope of its own.
func (t *Trainer) fitTables(do func() error) error {
	err := t.within(do)
	if short := (*device.MemoryError)(nil); errors.As(err, &short) {
		return fmt.Errorf("gan: fit the tables on %s: %w: they take more with the square of the columns' modes: lower model.max_modes or the values of columns, or train on the cpu; what was paid for is kept, so resume the run",
			t.dev.Name(), short)
	}
	return err
}

// placed is an engine with the memory that it lies in.
type placed struct {
	Engine
	scope *device.Scope
}

// Close closes the engine and frees its memory.
func (p *placed) Close() error {
	err := p.Engine.Close()
	p.scope.Release()
	return errors.Join(err, p.scope.Sync())
}

// place builds the engine that the checkpoint asks for, on as many rows at once as
// the settings allow now. If the device has not got the memory, the error says how
// many fit.
func (t *Trainer) place() (Engine, error) {
	rows := dpsgd.PhysicalBatch(t.state.Step.BatchSize, t.gate.RowCount(), t.settings.MaxPhysicalBatchSize)
	p, held, err := t.try(rows)
	if err == nil {
		return p, nil
	}
	short := (*device.MemoryError)(nil)
	if !errors.As(err, &short) {
		return nil, err
	}
	if short.Free < 0 { // trying might end the process
		return nil, fmt.Errorf("gan: physical batch of %d rows on %s: %w: set runtime.max_physical_batch_size lower and resume the run: what was paid for is kept", rows, t.dev.Name(), short)
	}
	if most := t.mostRows(rows, held+short.Free); most > 0 {
		return nil, fmt.Errorf("gan: physical batch of %d rows on %s: %w; the largest that fits is %d: set runtime.max_physical_batch_size=%d and resume the run: what was paid for is kept",
			rows, t.dev.Name(), short, most, most)
	}
	return nil, fmt.Errorf("gan: nets and table on %s: %w, and no batch is small enough: lower training.generator_batch_size or the widths of the model, or train on the cpu", t.dev.Name(), short)
}

// try builds the engine for batches of so many rows at once and says how many bytes
// it holds, or held when it failed.
func (t *Trainer) try(rows int) (p *placed, bytes int64, err error) {
	t.state.Step.PhysicalBatch = rows
	p = &placed{scope: device.NewScope(t.dev)}
	defer t.on(p.scope)()
	p.Engine, err = t.newEngine()
	if bytes = p.scope.Bytes(); err != nil {
		p.scope.Release()
		return nil, bytes, err
	}
	return p, bytes, nil
}

// newEngine builds the engine on the trainer's device.
func (t *Trainer) newEngine() (Engine, error) {
	if t.state.Joint != nil {
		return t.newCritic()
	}
	s, layout := &t.settings, t.state.Marginals.layout()
	white, err := WhitenColumns(layout, t.state.Marginals.Shares)
	if err != nil {
		return nil, err
	}
	return s.Engine(t.dev, t.gate, Blueprint{Layout: layout, White: white, Cumulative: t.state.Marginals.cumulative(),
		Model: s.Model, Training: s.Training, Step: t.state.Step, Seed: t.seed, Initial: t.state.state()})
}

// mostRows is the largest batch below rows for which the engine fits, to within one
// in 256, given that so many bytes are there for it; 0 if none does. Buffers grow
// linearly with the batch, so two small engines tell what a row costs; what a device
// needs besides is found by trying.
func (t *Trainer) mostRows(rows int, bytes int64) int {
	one, two := t.bytesOf(1), t.bytesOf(2)
	if one < 0 {
		return 0
	}
	fits, refused := 1, rows
	guess := 1
	if two > one {
		guess += int((bytes - one) / (two - one))
	}
	for step := max(1, guess/256); refused-fits > 1+fits/256; step *= 2 {
		if guess <= fits || guess >= refused {
			guess = (fits + refused) / 2
		}
		if t.bytesOf(guess) >= 0 {
			fits, guess = guess, guess+step
		} else {
			refused, guess = guess, guess-step
		}
	}
	return fits
}

// bytesOf is what the engine takes for batches of so many rows, -1 if it does not fit.
func (t *Trainer) bytesOf(rows int) int64 {
	p, bytes, err := t.try(rows)
	if err != nil || p.Close() != nil {
		return -1
	}
	return bytes
}
