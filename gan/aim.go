package gan

import (
	"errors"
	"fmt"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/nets"
)

// explainMemory is err, or, if a generator has no memory, what to do about it.
func (l *run) explainMemory(err error) error {
	short := (*device.MemoryError)(nil)
	if !errors.As(err, &short) {
		return err
	}
	return fmt.Errorf("gan: generator on %s: %w: it takes more with the square of the columns' cells: declare fewer values of columns, lower model.generator.atoms, or train on the cpu; what was paid for is kept, so resume the run",
		l.dev.Name(), short)
}

// allWeights reads both means.
func (l *run) allWeights() ([][]float32, error) {
	values := make([][]float32, nets.Means)
	for k := range nets.Means {
		var err error
		if values[k], err = l.engine.Weights(k); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// aim makes the generator's target of what the discriminator knows now.
func (l *run) aim(k int) error {
	values, err := l.engine.Weights(k)
	if err != nil {
		return err
	}
	return l.explainMemory(l.engine.Aim(k, l.Of(k, values)))
}

// aimBoth makes the targets of both means.
func (l *run) aimBoth() error { return errors.Join(l.aim(nets.Fitted), l.aim(nets.HeldOut)) }
