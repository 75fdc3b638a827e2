package gan

import "testing"

func TestPaceClimbsWhenFakesAreMissed(t *testing.T) {
	for _, c := range []struct {
		name  string
		share float64
		fixed *int
		want  int
	}{
		{"behind", 0.5, nil, 2 * firstPace},
		{"ahead", 0.9, nil, firstPace},
		{"fixed", 0.5, new(4), 4},
	} {
		p := newPace(c.fixed)
		generators := 0
		for range judgedEvery * p.DiscriminatorSteps {
			if p.due() {
				generators++
				if err := p.adapt(func() (float64, error) { return c.share, nil }); err != nil {
					t.Fatal(err)
				}
			}
		}
		if generators != judgedEvery {
			t.Errorf("%s: %d generator steps, want %d", c.name, generators, judgedEvery)
		}
		if p.DiscriminatorSteps != c.want {
			t.Errorf("%s: %d discriminator steps a generator step, want %d", c.name, p.DiscriminatorSteps, c.want)
		}
	}
}
