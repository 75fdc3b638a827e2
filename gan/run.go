package gan

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/model"
)

// Run trains until the configured steps are done or the budget allows no
// further one, and returns the model. If ctx ends first, Run settles the ledger,
// writes a checkpoint and returns an error that wraps ctx.Err(), with the best model so
// far, if there is one.
func (t *Trainer) Run(ctx context.Context) (result *Result, err error) {
	started := time.Now()
	t.observe(Progress{Stage: "marginals", Steps: t.settings.Training.Steps, TargetEpsilon: t.settings.Privacy.TargetEpsilon})
	if err := t.measure(); err != nil {
		return nil, err
	}
	l, err := t.begin()
	if err != nil {
		return nil, err
	}
	err = l.train(ctx)
	stopped := ctx.Err() != nil && errors.Is(err, ctx.Err())
	if err == nil || stopped {
		err = errors.Join(err, l.checkpoint())
	}
	if closed := l.close(); closed != nil || err != nil && !stopped { // its memory is for what follows
		return nil, errors.Join(err, closed)
	}
	result, failed := t.makeModel(l.stoppedBy(stopped), started)
	return result, errors.Join(err, failed)
}

// begin works out how many of the planned steps are left and builds the engine. What
// was planned before the first release is never exceeded, nor is it by what an
// earlier process lost.
func (t *Trainer) begin() (*run, error) {
	s, c := &t.settings, t.state
	l := &run{Trainer: t, started: time.Now(), before: c.steps()}
	l.layOut()
	left := 0
	if c.Steps > 0 {
		left = max(min(s.Training.Steps-l.before, c.Steps-l.before, t.budget.Left(c.Budget.Phase)), 0)
	}
	var err error
	if l.blocks, err = dpsgd.NewBlocks(t.budget, c.Step, min(max(c.Steps/100, 1), 100), left); err != nil {
		return nil, err
	}
	if c.Steps > 0 && l.before+l.blocks.Limit() == 0 {
		return nil, fmt.Errorf("gan: %w: privacy.target_epsilon=%g does not pay for one step at noise multiplier %.4g and sample rate %.4g: raise either",
			dpsgd.ErrBudget, s.Privacy.TargetEpsilon, c.Step.NoiseMultiplier, c.Step.SampleRate)
	}
	l.Taken = min(l.Planned, int(c.PairsSteps)+l.blocks.Limit())
	return l, l.openEngine(nil)
}

// train is the training: steps of the second-order discriminator, between which the
// generator begins to follow it, then steps of the generator alone until it no longer
// gains, and then, if there is one, those of the net.
func (l *run) train(ctx context.Context) error {
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
	return errors.Join(err, l.blocks.Settle())
}

// makeModel makes the model of what was learned and states what it cost.
func (t *Trainer) makeModel(stoppedBy string, started time.Time) (*Result, error) {
	s, steps := &t.settings, t.state.steps()
	c := t.state
	statement, err := model.NewStatement(s.Privacy, model.Spending{Plan: c.Plan, Released: t.budget.Spent(), Step: c.Step, Rows: t.gate.RowCount(), Insecure: c.Insecure})
	if err != nil {
		return nil, err
	}
	model, err := model.New(s.Domain, s.Model, c.generator(), c.Joint.Found, *statement)
	if err != nil {
		return nil, err
	}
	result := &Result{Model: model, Epsilon: statement.Epsilon, Delta: statement.Delta, TargetEpsilon: s.Privacy.TargetEpsilon,
		Steps: steps, StoppedBy: stoppedBy, Elapsed: time.Since(started)}
	t.observe(Progress{Stage: "done", Step: steps, Steps: steps, Epsilon: result.Epsilon, TargetEpsilon: result.TargetEpsilon})
	return result, nil
}
