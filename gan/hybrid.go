package gan

import (
	"context"
	"maps"

	"github.com/dpgan/dpgan/device"
)

// fitJoint fits the atoms to the noisy tables, unless a checkpoint brings them,
// and prepares the discriminator that is to follow.
func (t *Trainer) fitJoint(ctx context.Context) error {
	if t.state.Atoms != nil {
		return nil
	}
	rows := float64(t.state.Rows)
	m := t.state.Joint.moments(rows)
	plan := planFit(m)
	fitted, err := fit(ctx, t.dev, m, plan, t.state.Joint.headBias(rows), t.seed, func(step, steps int) {
		t.observe(Progress{Stage: "tables", Step: step, Steps: steps, TargetEpsilon: t.settings.Privacy.TargetEpsilon})
	})
	if err != nil {
		return err
	}
	t.state.Atoms, t.state.tensors = &plan.Atoms, fitted.tensors
	if t.state.Steps > 0 {
		mix, err := t.state.mixtureModel().open(t.dev)
		if err != nil {
			return err
		}
		white, err := newWhitening(mix)
		if err != nil {
			return err
		}
		white.slice(t.state.tensors)
		shape := newDiscriminatorShape(t.settings.Model.Discriminator, &device.Layout{Width: white.Outputs})
		maps.Copy(t.state.tensors, initialCritic(shape, t.seed).Tensors)
	}
	return t.state.save(t.settings.Directory, t.budget.Spent())
}

// mixtureModel is the generator of the marginal stage.
func (c *checkpoint) mixtureModel() *mixtureModel {
	return &mixtureModel{Columns: c.Joint.Columns, Atoms: *c.Atoms, tensors: c.tensors}
}

// newCritic builds the engine of the second stage from the checkpoint.
func (t *Trainer) newCritic() (Engine, error) {
	mix, err := t.state.mixtureModel().open(t.dev)
	if err != nil {
		return nil, err
	}
	white, err := joinWhitening(t.state.tensors)
	if err != nil {
		return nil, err
	}
	return newCritic(t.dev, t.gate, criticStart{mixture: mix, columns: t.state.Joint.Columns, white: white,
		config: t.settings.Model.Discriminator, training: t.settings.Training, step: t.state.Step, seed: t.seed, initial: t.state.state()})
}

// newMixtureModel makes the model of a run that fitted tables: the generator
// and, if there was a second stage, the discriminator's moving average.
func newMixtureModel(s *Settings, c *checkpoint, privacy PrivacyStatement) (*Model, error) {
	m := &Model{codec: s.Codec, config: s.Model, privacy: privacy, mixture: c.mixtureModel(), tensors: Tensors{}}
	shape := newAtomsShape(*c.Atoms, cellLayout(c.Joint.Columns))
	for _, store := range []*store{&shape.parameters, &shape.codes} {
		for _, e := range store.entries {
			m.tensors[e.name] = c.tensors[e.name]
		}
	}
	if c.DiscriminatorSteps > 0 {
		m.mixture.Discriminator = &s.Model.Discriminator
		white, err := joinWhitening(c.tensors)
		if err != nil {
			return nil, err
		}
		white.slice(m.tensors)
		for _, e := range newDiscriminatorShape(s.Model.Discriminator, &device.Layout{Width: white.Outputs}).parameters.entries {
			m.tensors[e.name] = c.tensors["average/"+e.name]
		}
	}
	m.mixture.tensors = m.tensors
	return m, nil
}
