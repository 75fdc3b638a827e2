package gan

import (
	"errors"
	"fmt"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/nets"
)

// scopedEngine is an engine with the memory that it lies in.
type scopedEngine struct {
	nets.Engine
	scope *device.Scope
}

// Close closes the engine and frees its memory.
func (p *scopedEngine) Close() error {
	err := p.Engine.Close()
	p.scope.Release()
	return errors.Join(err, p.scope.Sync())
}

// netRows is the most real rows that a net sees at once where nothing is said.
const netRows = 1 << 13

// openEngine makes the engine that the checkpoint asks for, with net or without, on as many
// rows at once as the settings allow now. If the device has not got the memory, the
// error says how many fit.
func (l *run) openEngine(net *nets.NetConfig) error {
	rows := dpsgd.PhysicalBatch(l.state.Step.BatchSize, l.gate.RowCount(), l.settings.MaxPhysicalBatchSize)
	if net != nil && l.settings.MaxPhysicalBatchSize == 0 {
		rows = min(rows, netRows)
	}
	p, held, err := l.buildEngine(net, rows)
	if err == nil {
		l.engine = p
		return nil
	}
	short := (*device.MemoryError)(nil)
	switch {
	case !errors.As(err, &short):
		return err
	case net == nil:
		return l.explainMemory(err)
	case short.Free < 0: // trying might end the process
		return fmt.Errorf("gan: physical batch of %d rows on %s: %w: set runtime.max_physical_batch_size lower and resume the run: what was paid for is kept", rows, l.dev.Name(), short)
	}
	if most := l.mostRows(net, rows, held+short.Free); most > 0 {
		return fmt.Errorf("gan: physical batch of %d rows on %s: %w; the largest that fits is %d: set runtime.max_physical_batch_size=%d and resume the run: what was paid for is kept",
			rows, l.dev.Name(), short, most, most)
	}
	return fmt.Errorf("gan: nets and table on %s: %w, and no batch is small enough: lower model.generator.atoms or the widths of model.discriminator.hidden, or train on the cpu", l.dev.Name(), short)
}

// buildEngine builds the engine for batches of so many rows at once and says how many bytes
// it holds, or held when it failed.
func (l *run) buildEngine(net *nets.NetConfig, rows int) (p *scopedEngine, bytes int64, err error) {
	l.state.Step.PhysicalBatch = rows
	p = &scopedEngine{scope: device.NewScope(l.dev)}
	p.Engine, err = l.settings.Engine(p.scope, l.gate, l.engineConfig(net))
	if bytes = p.scope.Bytes(); err != nil {
		p.scope.Release()
		return nil, bytes, err
	}
	return p, bytes, nil
}

// engineConfig is what the engine is built from.
func (l *run) engineConfig(net *nets.NetConfig) nets.EngineConfig {
	c := l.state
	b := nets.EngineConfig{Layout: marginal.Layout(c.Joint.Columns), Cells: marginal.CellsOf(c.Joint.Columns), Atoms: *c.Atoms, Pairs: l.Pairs,
		Net: net, Seed: l.seed, Initial: c.state()}
	if c.pairsSteps() > 0 || net != nil {
		b.Step = c.Step
	}
	b.Scale, b.Count = l.RunningMeans(c.Step.MaxGradNorm, int(c.PairsSteps))
	return b
}

// mostRows is the largest batch below rows for which the engine fits, to within one
// in 256, given that so many bytes are there for it; 0 if none does. Buffers grow
// linearly with the batch, so two small engines tell what a row costs; what a device
// needs besides is found by trying.
func (l *run) mostRows(net *nets.NetConfig, rows int, bytes int64) int {
	one, two := l.bytesOf(net, 1), l.bytesOf(net, 2)
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
		if l.bytesOf(net, guess) >= 0 {
			fits, guess = guess, guess+step
		} else {
			refused, guess = guess, guess-step
		}
	}
	return fits
}

// bytesOf is what the engine takes for batches of so many rows, -1 if it does not fit.
func (l *run) bytesOf(net *nets.NetConfig, rows int) int64 {
	p, bytes, err := l.buildEngine(net, rows)
	if err != nil || p.Close() != nil {
		return -1
	}
	return bytes
}
