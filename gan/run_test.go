package gan

import (
	"math"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/moment"
	"github.com/dpgan/dpgan/gan/nets"
)

// The net's learning rate is the configured one in the first half of its steps, and
// falls by equal parts in the second; the generator goes at half of its own, step by step
// with it.
func TestLearningRateFallsInTheSecondHalf(t *testing.T) {
	s, columns := quickSettings(t, marginal.ModePure, 6)
	const rate = 0.02
	s.Training.LearningRate, s.Training.Steps, s.Model.Discriminator.Kind = new(rate), 60, nets.KindMLP
	var rates [][]float64
	settling := []float64{0, 0} // the generator's largest rates before: they stay where the noise is as large
	between := 0
	s.Engine = watch{after: func(kind string, _ int, given ...float64) {
		switch {
		case kind == netStep:
			rates = append(rates, given)
		case kind == generatorStep && len(rates) > 0:
			between++
			by := netRate * math.Min(1, 2-float64(between-1)/10)
			if between != len(rates) || math.Abs(given[0]/settling[0]-by) > 1e-9 || math.Abs(given[1]/settling[1]-by) > 1e-9 {
				t.Errorf("after %d steps of the net the generator is at step %d, at the rates %v, before that %v", len(rates), between, given, settling)
			}
		case kind == generatorStep && given[0] > settling[0]:
			settling = given
		}
	}}.maker()
	mustTrain(t, s, columns)
	if len(rates) != 20 || between != 20 {
		t.Fatalf("%d steps of the net and %d of the generator, want 20", len(rates), between)
	}
	for done, got := range rates {
		want := rate
		if done > 10 {
			want = rate * float64(20-done) / 10
		}
		if math.Abs(got[0]-want) > 1e-12 {
			t.Errorf("after %d steps the rate is %g, want %g", done, got[0], want)
		}
	}
}

// While the discriminator learns, the generator follows in every fourth step or as is
// said, once half of what can be known is known: at once where tables were bought that are
// worth more than the steps.
func TestGeneratorFollowsTheDiscriminator(t *testing.T) {
	for _, c := range []struct {
		mode  string
		every int
		want  []int
	}{
		{marginal.ModePure, 0, []int{20, 24, 28, 32, 36}},
		{marginal.ModePure, 9, []int{27, 36}},
		{marginal.ModeGAN, 10, []int{10, 20, 30}},
	} {
		s, columns := quickSettings(t, c.mode, 8)
		s.Training.Steps, s.Training.DiscriminatorSteps = 40, c.every
		steps, got := 0, []int(nil)
		s.Engine = watch{after: func(kind string, _ int, _ ...float64) {
			if kind == pairsStep {
				steps++
			} else if steps < 40 { // then it settles
				got = append(got, steps)
			}
		}}.maker()
		mustTrain(t, s, columns)
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: the generator follows in steps %v", c, got)
		}
	}
}

// Of the steps of the second-order discriminator a twelfth is held out, and no other.
func TestStepsAreHeldOut(t *testing.T) {
	s, columns := quickSettings(t, marginal.ModePure, 8)
	s.Training.Steps = 30
	taken := 0
	s.Engine = watch{after: func(kind string, n int, given ...float64) {
		if kind != pairsStep {
			return
		}
		if held := given[0] == nets.HeldOut; held != moment.IsHeldOut(n, 30) {
			t.Errorf("step %d is held out: %v", n, held)
		}
		taken++
	}}.maker()
	if mustTrain(t, s, columns); taken != 30 {
		t.Errorf("%d steps of 30", taken)
	}
}

// Reports are of what was planned, and stages come in their order.
func TestProgress(t *testing.T) {
	s, columns := quickSettings(t, marginal.ModePure, 9)
	s.Model.Discriminator.Kind = nets.KindMLP
	var stages []string
	s.Observe = func(p Progress) {
		if len(stages) == 0 || stages[len(stages)-1] != p.Stage {
			stages = append(stages, p.Stage)
		}
		if p.Stage == "discriminator" && (p.Steps != 12 || p.Step < 1 || p.Step > 12) || p.Epsilon > p.TargetEpsilon {
			t.Errorf("%+v", p)
		}
	}
	mustTrain(t, s, columns)
	if len(stages) < 3 || stages[0] != "marginals" || stages[1] != "discriminator" || stages[len(stages)-1] != "done" {
		t.Errorf("stages %v", stages)
	}
}
