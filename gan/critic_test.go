package gan

import (
	"context"
	"math"
	"testing"

	"github.com/dpgan/dpgan/cpu"
)

// openedCritic is the engine of a hybrid run's second stage, on a checkpoint of one.
func openedCritic(t *testing.T, noise float64) (Engine, *Trainer) {
	t.Helper()
	codec, columns := smallTable(t)
	s := hybridSettings(t, codec, 14, 0.7, 0.3)
	s.Privacy.NoiseMultiplier, s.Privacy.TargetEpsilon = &noise, 1e5
	if _, err := train(t, context.Background(), s, columns); err != nil {
		t.Fatal(err)
	}
	s.Resume = true
	dev := cpu.New(1)
	t.Cleanup(func() { _ = dev.Close() })
	trainer, err := NewTrainer(dev, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = trainer.Close() })
	if err := trainer.Sink().Append(columns); err != nil {
		t.Fatal(err)
	}
	e, err := trainer.newCritic()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e, trainer
}

// What is kept of the discriminator is the moving average of its parameters, of each
// step's before it is taken.
func TestCriticAveragesItsParameters(t *testing.T) {
	e, _ := openedCritic(t, 20)
	read := func() (parameters, average []float32) {
		state, err := e.State()
		if err != nil {
			t.Fatal(err)
		}
		const name = "discriminator.layer0.weight"
		return state.Tensors[name].Data().([]float32), state.Tensors["average/"+name].Data().([]float32)
	}
	for step := range 5 {
		parameters, average := read()
		if err := e.DiscriminatorStep(0.05); err != nil {
			t.Fatal(err)
		}
		after, got := read()
		moved := 0.0
		for k := range got {
			want := criticDecay*float64(average[k]) + (1-criticDecay)*float64(parameters[k])
			if math.Abs(float64(got[k])-want) > 1e-6 {
				t.Fatalf("step %d: the average of weight %d is %g, want %g", step, k, got[k], want)
			}
			moved = math.Max(moved, math.Abs(float64(after[k]-parameters[k])))
		}
		if moved < 0.01 {
			t.Fatalf("step %d moved no weight by more than %g: nothing to average", step, moved)
		}
	}
}

// Between real rows and fakes that are much alike, a critic learns no opinion; one that
// is shown fakes as real rows takes all for real. Its noise here is next to none.
func TestCriticComparesFakesWithRealRows(t *testing.T) {
	e, trainer := openedCritic(t, 0.05)
	for range 80 {
		if err := e.DiscriminatorStep(0.05); err != nil {
			t.Fatal(err)
		}
	}
	state, err := e.State()
	if err != nil {
		t.Fatal(err)
	}
	trainer.state.take(state)
	m, err := newMixtureModel(&trainer.settings, trainer.state, PrivacyStatement{})
	if err != nil {
		t.Fatal(err)
	}
	mix, err := m.mixture.open(trainer.dev)
	if err != nil {
		t.Fatal(err)
	}
	logits, err := m.mixture.judge(trainer.dev, mix.Sample(1000, 1))
	if err != nil {
		t.Fatal(err)
	}
	mean := 0.0
	for _, d := range logits {
		mean += float64(d) / 1000
	}
	if math.Abs(mean) > 0.7 {
		t.Errorf("fakes are taken for real with a logit of %.2f on average", mean)
	} else {
		t.Logf("mean logit of fakes %.2f", mean)
	}
}

// A hybrid model holds the average, not the last parameters.
func TestHybridModelsKeepTheAverage(t *testing.T) {
	_, trainer := openedCritic(t, 20)
	c := trainer.state
	m, err := newMixtureModel(&trainer.settings, c, PrivacyStatement{})
	if err != nil {
		t.Fatal(err)
	}
	const name = "discriminator.layer0.weight"
	kept, average, last := m.Tensors()[name].Data().([]float32), c.tensors["average/"+name].Data().([]float32), c.tensors[name].Data().([]float32)
	differ := false
	for k := range kept {
		if kept[k] != average[k] {
			t.Fatalf("weight %d is %g, the average is %g", k, kept[k], average[k])
		}
		differ = differ || average[k] != last[k]
	}
	if !differ {
		t.Error("the average is the last step's: nothing to tell apart")
	}
}
