package gan

import (
	"context"
	"math"

	"github.com/dpgan/dpgan/gan/moment"
	"github.com/dpgan/dpgan/gan/nets"
)

// pairs does the steps of the second-order discriminator. Its optimum for real rows does
// not hang on the generator, which therefore begins when half of what can be known is:
// what it learned of more noise it would have to unlearn.
func (l *run) pairs(ctx context.Context) error {
	c := l.state
	planned, every := l.Planned, l.settings.Training.pace()
	first := int(math.Ceil((float64(planned) - l.EquivalentSteps()) / 2))
	for done := int(c.PairsSteps); done < planned && l.affordable(); {
		if err := l.payStep(ctx); err != nil {
			return err
		}
		mean := nets.Fitted
		if done++; moment.IsHeldOut(done, planned) {
			mean = nets.HeldOut
		}
		if err := l.engine.PairsStep(mean); err != nil {
			return err
		}
		c.PairsSteps, c.Fitting, c.Searched = uint64(done), fitProgress{}, false // of what was known before
		if done >= first && done%every == 0 {
			if err := l.aim(nets.Fitted); err != nil {
				return err
			}
			if err := l.generatorStep(); err != nil {
				return err
			}
			l.engine.Keep() // an interrupted run leaves it
		}
		if err := l.afterStep(); err != nil {
			return err
		}
	}
	return nil
}
