package gan

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/dpgan/dpgan/dpsgd"
)

// training is one run of the loop.
type training struct {
	*Trainer
	*aims
	engine  Engine
	blocks  *dpsgd.Blocks // nil: no steps are planned
	before  int           // steps taken by earlier processes
	fit     fitPlan
	started time.Time
	shown   time.Time
	epsilon float64
}

// Run trains until the configured steps are done or the budget allows no
// further one, and returns the model. If ctx ends first, Run settles the ledger,
// writes a checkpoint and returns an error that wraps ctx.Err(), with the best model so
// far, if there is one.
func (t *Trainer) Run(ctx context.Context) (result *Result, err error) {
	started := time.Now()
	t.observe(Progress{Stage: "marginals", Steps: t.settings.Training.Steps, TargetEpsilon: t.settings.Privacy.TargetEpsilon})
	if err := t.prepare(); err != nil {
		return nil, err
	}
	l, err := t.begin()
	if err != nil {
		return nil, err
	}
	err = l.loop(ctx)
	stopped := ctx.Err() != nil && errors.Is(err, ctx.Err())
	if err == nil || stopped {
		err = errors.Join(err, l.checkpoint())
	}
	if closed := l.close(); closed != nil || err != nil && !stopped { // its memory is for what follows
		return nil, errors.Join(err, closed)
	}
	result, failed := t.finish(l.stoppedBy(stopped), started)
	return result, errors.Join(err, failed)
}

// begin works out how many of the planned steps are left and builds the engine. What
// was planned before the first release is never exceeded, nor is it by what an
// earlier process lost.
func (t *Trainer) begin() (*training, error) {
	s, c := &t.settings, t.state
	l := &training{Trainer: t, started: time.Now(), before: c.steps()}
	l.lay()
	if c.Steps > 0 {
		left := max(min(s.Training.Steps-l.before, c.Steps-l.before, t.budget.Left(c.Budget.Phase)), 0)
		var err error
		if l.blocks, err = dpsgd.NewBlocks(t.budget, c.Step, min(max(c.Steps/100, 1), 100), left); err != nil {
			return nil, err
		}
		if l.before+l.blocks.Limit() == 0 {
			return nil, fmt.Errorf("gan: %w: privacy.target_epsilon=%g does not pay for one step at noise multiplier %.4g and sample rate %.4g: raise either",
				dpsgd.ErrBudget, s.Privacy.TargetEpsilon, c.Step.NoiseMultiplier, c.Step.SampleRate)
		}
		l.end = min(l.planned, int(c.PairsSteps)+l.blocks.Limit())
	}
	return l, l.build(nil)
}

// lay lays out what the discriminator looks at, plans the fit, and starts both, unless the
// checkpoint brings them.
func (l *training) lay() {
	c := l.state
	l.aims = newAims(c.Joint, newWeights(c.Joint, c.Step, float64(c.Rows), c.pairsSteps()), l.seed)
	l.fit = planFit(l.signal(), cellLayout(c.Joint.Columns).Width, l.slices(), l.settings.Model.Generator)
	if c.Atoms == nil {
		c.Atoms = &l.fit.Atoms
		c.start(l.aims, l.seed)
	}
}

// loop is the training: steps of the second-order discriminator, between which the
// generator begins to follow it, then steps of the generator alone until it no longer
// gains, and then, if there is one, those of the net.
func (l *training) loop(ctx context.Context) error {
	err := l.pairs(ctx)
	if err == nil {
		err = l.find()
	}
	if err == nil {
		err = l.settle(ctx)
	}
	if err == nil && l.state.netSteps() > 0 {
		err = l.adversarial(ctx)
	}
	if l.blocks != nil {
		err = errors.Join(err, l.blocks.Settle())
	}
	return err
}

// pairs does the steps of the second-order discriminator. Its optimum for real rows does
// not hang on the generator, which therefore begins when half of what can be known is:
// what it learned of more noise it would have to unlearn.
func (l *training) pairs(ctx context.Context) error {
	c := l.state
	planned, every := l.planned, l.settings.Training.pace()
	first := int(math.Ceil((float64(planned) - l.worth()) / 2))
	for done := int(c.PairsSteps); done < planned && l.affordable(); {
		if err := l.take(ctx); err != nil {
			return err
		}
		mean := fitted
		if done++; isHeld(done, planned) {
			mean = heldOut
		}
		if err := l.engine.PairsStep(mean); err != nil {
			return err
		}
		c.PairsSteps, c.Fitting, c.Searched = uint64(done), fitting{}, false // of what was known before
		if done >= first && done%every == 0 {
			if err := l.aim(fitted); err != nil {
				return err
			}
			if err := l.generatorStep(); err != nil {
				return err
			}
			l.engine.Keep() // an interrupted run leaves it
		}
		if err := l.took(); err != nil {
			return err
		}
	}
	return nil
}

// aim makes the generator's target of what the discriminator knows now.
func (l *training) aim(k int) error {
	values, err := l.engine.Weights(k)
	if err != nil {
		return err
	}
	return l.unfit(l.engine.Aim(k, l.target(k, values)))
}

// aimBoth makes the targets of both means.
func (l *training) aimBoth() error { return errors.Join(l.aim(fitted), l.aim(heldOut)) }

func (l *training) generatorStep() error {
	net, codes := l.fit.rates(int(l.state.GeneratorSteps))
	l.state.GeneratorSteps++
	return l.engine.GeneratorStep(net, codes)
}

// affordable reports whether another step is paid for.
func (l *training) affordable() bool { return l.state.steps() < l.before+l.blocks.Limit() }

// take pays for a step, unless ctx has ended.
func (l *training) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return l.interrupted(err)
	}
	return l.blocks.Take()
}

// interrupted says how far the run came.
func (l *training) interrupted(cause error) error {
	return fmt.Errorf("gan: interrupted after %d of %d steps of the discriminator and %d of the generator: %w",
		l.state.steps(), l.state.Steps, l.state.GeneratorSteps, cause)
}

// stoppedBy is what ended the steps.
func (l *training) stoppedBy(interrupted bool) string {
	switch {
	case interrupted:
		return "interrupt"
	case l.blocks != nil && !l.affordable() && l.state.steps() < l.settings.Training.Steps:
		return "budget"
	}
	return "steps"
}

// close frees the engine, if there is one.
func (l *training) close() error {
	e := l.engine
	if l.engine = nil; e == nil {
		return nil
	}
	return e.Close()
}

// took is what follows a step: a checkpoint, also of the last of the pairs, behind which
// the generator settles for long, metrics, progress.
func (l *training) took() error {
	done := l.state.steps()
	if every := l.settings.CheckpointEvery; every > 0 && (done%every == 0 || done == l.planned) {
		if err := l.checkpoint(); err != nil {
			return err
		}
	}
	return l.report()
}

func (l *training) checkpoint() error {
	state, err := l.engine.State()
	if err != nil {
		return err
	}
	l.state.take(state)
	spent := l.budget.Spent()
	if l.blocks != nil {
		spent = l.blocks.Spent()
	}
	return l.state.save(l.settings.Directory, spent)
}
