package gan

import (
	"encoding/json"
	"testing"
)

// paced runs generator steps at the shares of fakes that the judgements see, one a
// hundred, and returns the pace after each. It goes through a checkpoint after
// resume generator steps.
func paced(t *testing.T, shares []float64, fixed *int, resume int) (paces []int) {
	t.Helper()
	p := newPace(fixed)
	for generators := 0; generators < judgedEvery*len(shares); {
		if !p.due() {
			continue
		}
		generators++
		share := shares[(generators-1)/judgedEvery]
		if err := p.adapt(func() func() (float64, error) { return func() (float64, error) { return share, nil } }); err != nil {
			t.Fatal(err)
		}
		if generators%judgedEvery == 0 {
			paces = append(paces, p.DiscriminatorSteps)
		}
		if generators == resume {
			if err := p.settle(); err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			p = pace{}
			if err := json.Unmarshal(text, &p); err != nil {
				t.Fatal(err)
			}
		}
	}
	return paces
}

// The pace doubles one judgement after fakes were missed, whether or not the run was
// cut off in between.
func TestPaceClimbsWhenFakesAreMissed(t *testing.T) {
	for _, c := range []struct {
		name   string
		shares []float64
		fixed  *int
		want   []int
	}{
		{"behind", []float64{0.5, 0.5, 0.9, 0.9}, nil, []int{firstPace, 2 * firstPace, 4 * firstPace, 4 * firstPace}},
		{"behind once", []float64{0.9, 0.5, 0.9, 0.9}, nil, []int{firstPace, firstPace, 2 * firstPace, 2 * firstPace}},
		{"ahead", []float64{0.9, 0.9}, nil, []int{firstPace, firstPace}},
		{"fixed", []float64{0.5, 0.5}, new(4), []int{4, 4}},
	} {
		for _, resume := range []int{0, 1, judgedEvery - 1, judgedEvery, judgedEvery + 1, 2 * judgedEvery} {
			got := paced(t, c.shares, c.fixed, resume)
			for i, want := range c.want {
				if got[i] != want {
					t.Errorf("%s, resumed after %d: %d discriminator steps a generator step after judgement %d, want %d", c.name, resume, got[i], i, want)
				}
			}
		}
	}
}
