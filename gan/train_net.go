package gan

import (
	"context"
	"errors"
	"maps"

	"github.com/dpgan/dpgan/gan/nets"
)

// How the net pulls at the generator.
const (
	netPull = 1
	netRate = 0.5 // of the generator's rates, once it is fitted
	// netSlack is how much worse by what is held out the generator may be with the net
	// than without.
	netSlack = 1.05
)

// trainNet trains the net and, against it and the second-order discriminator, the
// generator. The generator that comes of it is taken only if it keeps what is held out
// about as well as before.
func (l *run) trainNet(ctx context.Context) error {
	if err := l.addNet(); err != nil {
		return err
	}
	c := l.state
	for l.affordable() {
		if err := l.payStep(ctx); err != nil {
			return errors.Join(err, l.keepUnlessWorse())
		}
		if err := l.engine.NetStep(l.discriminatorRate(int(c.NetSteps))); err != nil {
			return err
		}
		by := netRate * l.falling(int(c.NetSteps))
		c.NetSteps++
		net, codes := by*l.fit.LearningRate, by*l.fit.CodesRate
		c.GeneratorSteps++
		if err := l.engine.GeneratorStep(net, codes); err != nil {
			return err
		}
		if err := l.afterStep(); err != nil {
			return err
		}
	}
	return l.keepUnlessWorse()
}

// keepUnlessWorse keeps the generator unless it is worse by what is held out than without the net.
func (l *run) keepUnlessWorse() error {
	loss, err := l.engine.Loss(l.judgedBy())
	if err == nil && loss <= netSlack*l.state.Fitting.Best {
		l.engine.Keep()
	}
	return err
}

// addNet builds the engine anew, with the net.
func (l *run) addNet() error {
	if err := errors.Join(l.checkpoint(), l.close()); err != nil { // the net may not fit, and what was paid for is kept
		return err
	}
	if l.state.NetSteps == 0 {
		if err := l.startNet(); err != nil {
			return err
		}
	}
	white, err := nets.ReadWhitening(l.state.tensors)
	if err != nil {
		return err
	}
	if err := l.openEngine(&nets.NetConfig{Config: l.settings.Model.Discriminator, White: white, Temperature: l.settings.Model.Generator.Temperature, Pull: netPull}); err != nil {
		return err
	}
	return l.aimBoth()
}

// startNet draws the net, which sees rows as the generator's whiten.
func (l *run) startNet() error {
	mix, err := l.state.generator().Mixture(l.dev)
	if err != nil {
		return err
	}
	white, err := nets.NewWhitening(mix)
	if err != nil {
		return err
	}
	maps.Copy(l.state.tensors, nets.InitialNet(l.settings.Model.Discriminator, white, l.seed))
	return nil
}
