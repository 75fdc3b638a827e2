package gan

import (
	"context"
	"math"
	"testing"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
)

// rateEngine notes the learning rates that it is given.
type rateEngine struct {
	Engine
	rates []float64
}

func (e *rateEngine) DiscriminatorStep(learningRate float64) error {
	e.rates = append(e.rates, learningRate)
	return e.Engine.DiscriminatorStep(learningRate)
}

// The discriminator's learning rate is the configured one in the first half of the
// steps, and falls by equal parts in the second.
func TestLearningRateFallsInTheSecondHalf(t *testing.T) {
	codec, columns := smallTable(t)
	s, rate, noise, seen := smallSettings(t, codec, 6), 0.02, 20.0, &rateEngine{}
	s.Training.LearningRate, s.Training.Steps, s.Privacy.NoiseMultiplier = &rate, 20, &noise
	s.Engine = func(dev device.Device, gate *dpsgd.Gate, b Blueprint) (Engine, error) {
		e, err := NewDeviceEngine(dev, gate, b)
		seen.Engine = e
		return seen, err
	}
	if _, err := train(t, context.Background(), s, columns); err != nil {
		t.Fatal(err)
	}
	if len(seen.rates) != s.Training.Steps {
		t.Fatalf("%d steps of %d", len(seen.rates), s.Training.Steps)
	}
	for done, got := range seen.rates {
		want := rate
		if done > 10 {
			want = rate * float64(20-done) / 10
		}
		if math.Abs(got-want) > 1e-12 {
			t.Errorf("after %d steps the rate is %g, want %g", done, got, want)
		}
	}
}

// averagedEngine compares the generator's average before and after each of its steps.
type averagedEngine struct {
	Engine
	t     *testing.T
	decay float64
	steps int
}

func (e *averagedEngine) GeneratorStep(learningRate float64) error {
	read := func() (parameters, average []float32) {
		state, err := e.State()
		if err != nil {
			e.t.Fatal(err)
		}
		const name = "generator.heads.weight"
		return state.Tensors[name].Data().([]float32), state.Tensors["average/"+name].Data().([]float32)
	}
	_, before := read()
	err := e.Engine.GeneratorStep(learningRate)
	parameters, after := read()
	for k := range after {
		if want := e.decay*float64(before[k]) + (1-e.decay)*float64(parameters[k]); math.Abs(float64(after[k])-want) > 1e-6 {
			e.t.Fatalf("the average of weight %d is %g, want %g", k, after[k], want)
		}
	}
	e.steps++
	return err
}

// What is kept of the generator is the moving average of its parameters.
func TestGeneratorIsAveraged(t *testing.T) {
	codec, columns := smallTable(t)
	s, seen := smallSettings(t, codec, 7), &averagedEngine{t: t}
	s.Training.EMADecay, s.Training.GeneratorLearningRate = 0.9, 0.05
	s.Engine = func(dev device.Device, gate *dpsgd.Gate, b Blueprint) (Engine, error) {
		e, err := NewDeviceEngine(dev, gate, b)
		seen.Engine, seen.decay = e, b.Training.EMADecay
		return seen, err
	}
	if _, err := train(t, context.Background(), s, columns); err != nil {
		t.Fatal(err)
	}
	if seen.steps != 4 {
		t.Errorf("%d generator steps, want one for three of 12", seen.steps)
	}
}
