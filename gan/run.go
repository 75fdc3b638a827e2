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
	engine  Engine
	blocks  *dpsgd.Blocks
	first   int // steps done before
	steps   int // steps that will be done
	rate    float64
	started time.Time
	shown   time.Time
	epsilon float64
}

// Run trains until the configured steps are done or the budget allows no
// further one, and returns the model. If ctx ends first, Run settles the ledger,
// writes a checkpoint and returns an error that wraps ctx.Err().
func (t *Trainer) Run(ctx context.Context) (result *Result, err error) {
	started := time.Now()
	t.observe(Progress{Stage: "marginals", Steps: t.settings.Training.Steps, TargetEpsilon: t.settings.Privacy.TargetEpsilon})
	if err := t.prepare(); err != nil {
		return nil, err
	}
	if t.state.Joint != nil {
		if err := t.fitTables(func() error { return t.fitJoint(ctx) }); err != nil {
			return nil, err
		}
	}
	if t.state.Steps == 0 {
		return t.finish(0, started)
	}
	l, err := t.begin()
	if err != nil {
		return nil, err
	}
	err = l.loop(ctx)
	if err == nil {
		err = l.checkpoint()
	}
	if err := errors.Join(err, l.engine.Close()); err != nil { // its memory is for what follows
		return nil, err
	}
	return t.finish(l.steps, started)
}

// begin works out how many of the planned steps are left and builds the engine. What
// was planned before the first release is never exceeded, nor is it by what an
// earlier process lost.
func (t *Trainer) begin() (*training, error) {
	s := &t.settings
	l := &training{Trainer: t, first: int(t.state.DiscriminatorSteps), rate: s.Training.discriminatorLearningRate(), started: time.Now()}
	left := min(s.Training.Steps-l.first, t.budget.Left(t.state.Budget.Phase))
	blocks, err := dpsgd.NewBlocks(t.budget, t.state.Step, min(max(s.Training.Steps/100, 1), 100), max(left, 0))
	if err != nil {
		return nil, err
	}
	l.blocks, l.steps = blocks, l.first+blocks.Limit()
	if l.steps == 0 {
		return nil, fmt.Errorf("gan: %w: privacy.target_epsilon=%g does not pay for one step at noise multiplier %.4g and sample rate %.4g: raise either",
			dpsgd.ErrBudget, s.Privacy.TargetEpsilon, t.state.Step.NoiseMultiplier, t.state.Step.SampleRate)
	}
	l.engine, err = t.place()
	return l, err
}

func (l *training) loop(ctx context.Context) error {
	pace := &l.state.Pace
	for done := l.first; done < l.steps; {
		if ctx.Err() != nil {
			return l.interrupted(ctx.Err(), done)
		}
		if err := l.blocks.Take(); err != nil {
			return err
		}
		if err := l.engine.DiscriminatorStep(l.discriminatorRate(done)); err != nil {
			return errors.Join(err, l.blocks.Settle())
		}
		done++
		if l.state.Joint == nil && pace.due() {
			if err := l.engine.GeneratorStep(l.settings.Training.GeneratorLearningRate); err != nil {
				return errors.Join(err, l.blocks.Settle())
			}
			if err := pace.adapt(l.engine.FakeAccuracy); err != nil {
				return errors.Join(err, l.blocks.Settle())
			}
		}
		if every := l.settings.CheckpointEvery; every > 0 && done%every == 0 && done < l.steps {
			if err := l.checkpoint(); err != nil {
				return errors.Join(err, l.blocks.Settle())
			}
		}
		if err := l.report(done); err != nil {
			return errors.Join(err, l.blocks.Settle())
		}
	}
	return l.blocks.Settle()
}

// discriminatorRate is constant in the first half of the configured steps and
// falls to a hundredth, linearly, in the second: under noise a step size that
// shrinks averages the noise away.
func (l *training) discriminatorRate(done int) float64 {
	all := float64(l.settings.Training.Steps)
	left := 2 * (1 - float64(done)/all)
	return l.rate * math.Min(1, math.Max(left, 0.01))
}

// interrupted leaves a true ledger and a checkpoint to resume from.
func (l *training) interrupted(cause error, done int) error {
	return errors.Join(fmt.Errorf("gan: interrupted after %d of %d steps: %w", done, l.steps, cause), l.blocks.Settle(), l.checkpoint())
}

func (l *training) checkpoint() error {
	state, err := l.engine.State()
	if err != nil {
		return err
	}
	l.state.take(state)
	if err := l.state.Pace.settle(); err != nil {
		return err
	}
	return l.state.save(l.settings.Directory, l.blocks.Spent())
}

// report tells the observer about ten times a second, and writes a line of
// metrics, with a fresh ε, about every twentieth of the run.
func (l *training) report(done int) error {
	every := max(l.steps/20, 1)
	if done%every == 0 || done == l.steps {
		epsilon, err := l.budget.Epsilon()
		if err != nil {
			return err
		}
		accuracy, err := l.engine.FakeAccuracy()()
		if err != nil {
			return err
		}
		l.epsilon = epsilon
		if err := l.metrics.write(metricsLine{Step: done, Epsilon: epsilon, FakeAccuracy: accuracy,
			DiscriminatorSteps: l.state.Pace.DiscriminatorSteps, LearningRate: l.discriminatorRate(done - 1)}); err != nil {
			return err
		}
	}
	if now := time.Now(); now.Sub(l.shown) >= 100*time.Millisecond {
		l.shown = now
		l.observe(Progress{Stage: "discriminator", Step: done, Steps: l.steps, Epsilon: l.epsilon,
			TargetEpsilon: l.settings.Privacy.TargetEpsilon, RowsPerSecond: l.speed(done) * l.state.Step.BatchSize})
	}
	return nil
}

func (l *training) speed(done int) float64 {
	return float64(done-l.first) / max(time.Since(l.started).Seconds(), 1e-9)
}

func (t *Trainer) observe(p Progress) {
	if t.settings.Observe != nil {
		t.settings.Observe(p)
	}
}

// finish makes the model of what was learned and states what it cost.
func (t *Trainer) finish(steps int, started time.Time) (*Result, error) {
	s := &t.settings
	statement, err := newStatement(s.Privacy, t.state, t.budget.Spent(), t.gate.RowCount())
	if err != nil {
		return nil, err
	}
	var model *Model
	if t.state.Joint != nil {
		model, err = newMixtureModel(s, t.state, *statement)
	} else {
		model, err = newModel(t.dev, s.Codec, s.Model, &t.state.Marginals, t.state.state(), t.seed, *statement)
	}
	if err != nil {
		return nil, err
	}
	if err := model.take(t.rules, t.state.Joint); err != nil {
		return nil, err
	}
	result := &Result{Model: model, Epsilon: statement.Epsilon, Delta: statement.Delta, TargetEpsilon: s.Privacy.TargetEpsilon,
		Steps: steps, StoppedBy: "steps", Elapsed: time.Since(started)}
	if steps < t.state.Steps {
		result.StoppedBy = "budget"
	}
	t.observe(Progress{Stage: "done", Step: steps, Steps: steps, Epsilon: result.Epsilon, TargetEpsilon: result.TargetEpsilon})
	return result, nil
}
