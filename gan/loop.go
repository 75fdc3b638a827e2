package gan

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/moment"
	"github.com/dpgan/dpgan/gan/nets"
)

// run is one run of the loop.
type run struct {
	*Trainer
	*moment.Objective
	engine  nets.Engine
	blocks  *dpsgd.Blocks
	before  int // steps taken by earlier processes
	fit     fitPlan
	started time.Time
	shown   time.Time
	epsilon float64
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
	case l.state.Steps > 0 && !l.affordable() && l.state.steps() < l.settings.Training.Steps:
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

func (l *run) checkpoint() error {
	state, err := l.engine.State()
	if err != nil {
		return err
	}
	l.state.setState(state)
	return l.state.save(l.settings.Directory, l.blocks.Spent())
}

// falling is 1 in the first half of the net's steps and falls to a hundredth, linearly,
// in the second: under noise a step size that shrinks averages the noise away.
func (l *run) falling(done int) float64 {
	return math.Min(1, math.Max(2*(1-float64(done)/float64(l.state.netSteps())), 0.01))
}

// discriminatorRate is the net's.
func (l *run) discriminatorRate(done int) float64 {
	return l.settings.Training.discriminatorLearningRate(float64(l.state.netSteps())) * l.falling(done)
}
