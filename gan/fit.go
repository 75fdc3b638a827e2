package gan

import (
	"context"

	"github.com/dpgan/dpgan/gan/nets"
)

// How often and how long the generator is judged.
const (
	judgedSteps = 20
	patience    = 6
	// How long and at what part of the rates the best generator is polished.
	polishSteps = 60
	polishRate  = 0.5
)

// judgedBy is the mean that the generator is judged by: what is held out, if anything is.
func (l *run) judgedBy() int {
	if l.Known(nets.HeldOut, int(l.state.PairsSteps)) {
		return nets.HeldOut
	}
	return nets.Fitted
}

// fitGenerator fits the generator to the discriminator as it is now, until it no longer gains by
// what is held out, and keeps the best. All of it is post-processing.
func (l *run) fitGenerator(ctx context.Context) error {
	s, judge := &l.state.Fitting, l.judgedBy()
	if s.Done {
		return nil
	}
	if err := l.aimBoth(); err != nil {
		return err
	}
	for ; s.Steps < l.fit.Steps; s.Steps++ {
		if err := ctx.Err(); err != nil {
			return l.interrupted(err)
		}
		if s.Steps%judgedSteps == 0 {
			loss, err := l.engine.Loss(judge)
			if err != nil {
				return err
			}
			if s.Steps == 0 || loss < s.Best {
				s.Best, s.At = loss, s.Steps
				l.engine.Keep()
			} else if s.Steps-s.At >= patience*judgedSteps {
				break
			}
			l.show("generator", s.Steps, l.fit.Steps)
		}
		if err := l.generatorStep(); err != nil {
			return err
		}
	}
	if err := l.polishGenerator(ctx); err != nil {
		return err
	}
	s.Done = true
	return nil
}

// polishGenerator fits the best generator to all that is known, held out or not, at rates that fall
// from a part of what they were to nothing: that averages out what the last steps left
// to chance.
func (l *run) polishGenerator(ctx context.Context) error {
	l.engine.Recall()
	values, err := l.allWeights()
	if err != nil {
		return err
	}
	if err := l.engine.Aim(nets.Fitted, l.Final(values, int(l.state.PairsSteps))); err != nil {
		return err
	}
	s := &l.state.Fitting
	net, codes := l.fit.rates(int(l.state.GeneratorSteps) - s.Steps + s.At)
	for n := range polishSteps {
		if err := ctx.Err(); err != nil {
			return l.interrupted(err)
		}
		by := polishRate * (1 - float64(n)/polishSteps)
		if err := l.engine.GeneratorStep(by*net, by*codes); err != nil {
			return err
		}
	}
	l.state.GeneratorSteps += polishSteps
	l.engine.Keep()
	return nil
}
