package gan

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/gan/moment"
	"github.com/dpgan/dpgan/gan/nets"
)

// run is one run of the loop.
type run struct {
	*Trainer
	*moment.Objective
	engine  nets.Engine
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
func (t *Trainer) begin() (*run, error) {
	s, c := &t.settings, t.state
	l := &run{Trainer: t, started: time.Now(), before: c.steps()}
	l.layOut()
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
		l.Taken = min(l.Planned, int(c.PairsSteps)+l.blocks.Limit())
	}
	return l, l.openEngine(nil)
}

// layOut lays out what the discriminator looks at, plans the fit, and starts both, unless the
// checkpoint brings them.
func (l *run) layOut() {
	c := l.state
	l.Objective = moment.NewObjective(c.Joint, moment.NewWeights(c.Joint, c.Step, float64(c.Rows), c.pairsSteps()), l.seed)
	l.fit = planFit(l.SignalToNoise(), marginal.Layout(c.Joint.Columns).Width, l.Slices(), l.settings.Model.Generator)
	if c.Atoms == nil {
		c.Atoms = &l.fit.Atoms
		c.start(l.Objective, l.seed)
	}
}

// loop is the training: steps of the second-order discriminator, between which the
// generator begins to follow it, then steps of the generator alone until it no longer
// gains, and then, if there is one, those of the net.
func (l *run) loop(ctx context.Context) error {
	err := l.pairs(ctx)
	if err == nil {
		err = l.findDependencies()
	}
	if err == nil {
		err = l.fitGenerator(ctx)
	}
	if err == nil && l.state.netSteps() > 0 {
		err = l.trainNet(ctx)
	}
	if l.blocks != nil {
		err = errors.Join(err, l.blocks.Settle())
	}
	return err
}

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

func (l *run) generatorStep() error {
	net, codes := l.fit.rates(int(l.state.GeneratorSteps))
	l.state.GeneratorSteps++
	return l.engine.GeneratorStep(net, codes)
}

// affordable reports whether another step is paid for.
func (l *run) affordable() bool { return l.state.steps() < l.before+l.blocks.Limit() }

// payStep pays for a step, unless ctx has ended.
func (l *run) payStep(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return l.interrupted(err)
	}
	return l.blocks.Take()
}

// interrupted says how far the run came.
func (l *run) interrupted(cause error) error {
	return fmt.Errorf("gan: interrupted after %d of %d steps of the discriminator and %d of the generator: %w",
		l.state.steps(), l.state.Steps, l.state.GeneratorSteps, cause)
}

// stoppedBy is what ended the steps.
func (l *run) stoppedBy(interrupted bool) string {
	switch {
	case interrupted:
		return "interrupt"
	case l.blocks != nil && !l.affordable() && l.state.steps() < l.settings.Training.Steps:
		return "budget"
	}
	return "steps"
}

// close frees the engine, if there is one.
func (l *run) close() error {
	e := l.engine
	if l.engine = nil; e == nil {
		return nil
	}
	return e.Close()
}

// afterStep is what follows a step: a checkpoint, also of the last of the pairs, behind which
// the generator settles for long, metrics, progress.
func (l *run) afterStep() error {
	done := l.state.steps()
	if every := l.settings.CheckpointEvery; every > 0 && (done%every == 0 || done == l.Planned) {
		if err := l.checkpoint(); err != nil {
			return err
		}
	}
	return l.report()
}

func (l *run) checkpoint() error {
	state, err := l.engine.State()
	if err != nil {
		return err
	}
	l.state.setState(state)
	spent := l.budget.Spent()
	if l.blocks != nil {
		spent = l.blocks.Spent()
	}
	return l.state.save(l.settings.Directory, spent)
}

// finish makes the model of what was learned and states what it cost.
func (t *Trainer) finish(stoppedBy string, started time.Time) (*Result, error) {
	s, steps := &t.settings, t.state.steps()
	c := t.state
	statement, err := model.NewStatement(s.Privacy, model.Spending{Plan: c.Plan, Released: t.budget.Spent(), Step: c.Step, Rows: t.gate.RowCount(), Insecure: c.Insecure})
	if err != nil {
		return nil, err
	}
	model, err := model.New(s.Domain, s.Model, c.mixtureModel(), c.Joint.Found, *statement)
	if err != nil {
		return nil, err
	}
	result := &Result{Model: model, Epsilon: statement.Epsilon, Delta: statement.Delta, TargetEpsilon: s.Privacy.TargetEpsilon,
		Steps: steps, StoppedBy: stoppedBy, Elapsed: time.Since(started)}
	t.observe(Progress{Stage: "done", Step: steps, Steps: steps, Epsilon: result.Epsilon, TargetEpsilon: result.TargetEpsilon})
	return result, nil
}
