package accounting

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func TestValidateRefusesSenselessEvents(t *testing.T) {
	for name, c := range map[string]struct {
		event Event
		names string // what the error must name
	}{
		"unknown mechanism":       {Event{Mechanism: "magic", NoiseMultiplier: 1, Count: 1}, "mechanism"},
		"forgotten count":         {Event{Mechanism: Gaussian, NoiseMultiplier: 1}, "count"},
		"no noise":                {Event{Mechanism: Gaussian, Count: 1}, "noise_multiplier"},
		"noise is not a number":   {Event{Mechanism: Laplace, NoiseMultiplier: math.NaN(), Count: 1}, "noise_multiplier"},
		"forgotten sample rate":   {Event{Mechanism: PoissonGaussian, NoiseMultiplier: 1, Count: 1}, "sample_rate"},
		"sample rate above 1":     {Event{Mechanism: PoissonGaussian, NoiseMultiplier: 1, SampleRate: 1.5, Count: 1}, "sample_rate"},
		"sampling is not charged": {Event{Mechanism: Gaussian, NoiseMultiplier: 1, SampleRate: 0.1, Count: 1}, "sample_rate"},
		"two prices":              {Event{Mechanism: Gaussian, NoiseMultiplier: 1, Epsilon: 1, Count: 1}, "epsilon"},
		"too wide":                {Event{Mechanism: DiscreteGaussian, NoiseMultiplier: 1e7, Count: 1}, "noise_multiplier"},
		"free":                    {Event{Mechanism: EpsilonDelta, Count: 1}, "epsilon"},
		"negative epsilon":        {Event{Mechanism: EpsilonDelta, Epsilon: -1, Count: 1}, "epsilon"},
		"delta of 1":              {Event{Mechanism: PartitionSelection, Delta: 1, Count: 1}, "delta"},
	} {
		err := c.event.validate()
		if err == nil || !strings.Contains(err.Error(), c.names) {
			t.Errorf("%s: error %v does not name %s", name, err, c.names)
		}
		for _, a := range []Accountant{PLD, RDP} {
			if epsilon, err := a.Epsilon([]Event{c.event}, 1e-5); err == nil {
				t.Errorf("%s: %s charged it with ε = %v", name, a, epsilon)
			}
		}
	}
}

func TestEventJSON(t *testing.T) {
	e := Event{Mechanism: PoissonGaussian, NoiseMultiplier: 1.1, SampleRate: 0.01, Count: 3, Stage: "discriminator"}
	got, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"mechanism":"poisson_gaussian","noise_multiplier":1.1,"sample_rate":0.01,"count":3,"stage":"discriminator"}`
	if string(got) != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestParseAccountant(t *testing.T) {
	for _, name := range []string{"pld", "rdp"} {
		if a, err := ParseAccountant(name); err != nil || string(a) != name {
			t.Errorf("%s: %v, %v", name, a, err)
		}
	}
	for _, name := range []string{"", "PLD", "moments"} {
		if _, err := ParseAccountant(name); err == nil {
			t.Errorf("%q was taken for an accountant", name)
		}
		if _, err := Accountant(name).Epsilon(nil, 1e-5); err == nil {
			t.Errorf("an accountant %q answered", name)
		}
	}
}
