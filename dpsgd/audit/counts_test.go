package audit

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// The gate that training counts by passes every check, with little noise and with much,
// with scores and without.
func TestGateCountsPass(t *testing.T) {
	for name, releases := range map[string][]CountRelease{
		"usual":        selfTestCounts().Releases,
		"little noise": {{Name: "1-way tables", Count: 2, NoiseMultiplier: 0.8}},
		"much noise": {{Name: "1-way tables", Count: 3, NoiseMultiplier: 900},
			{Name: "scores", Count: 300, NoiseMultiplier: 3e4, Scores: true}},
	} {
		for seed := range uint64(2) {
			report, err := RunCounts(context.Background(), GateMechanism{},
				CountsConfig{Releases: releases, Delta: 1e-5, Effort: quickEffort(), Seed: &seed})
			if err != nil {
				t.Fatal(err)
			}
			if !report.Passed() {
				t.Errorf("%s:\n%s", name, report)
			}
		}
	}
}

func TestCountsConfigRefused(t *testing.T) {
	for name, spoil := range map[string]func(*CountsConfig){
		"no releases": func(c *CountsConfig) { c.Releases = nil }, "no delta": func(c *CountsConfig) { c.Delta = 0 },
		"no noise": func(c *CountsConfig) { c.Releases = []CountRelease{{Name: "tables", Count: 1}} },
		"no count": func(c *CountsConfig) { c.Releases = []CountRelease{{Name: "tables", NoiseMultiplier: 1}} },
	} {
		c := selfTestCounts()
		spoil(&c)
		if _, err := RunCounts(context.Background(), GateMechanism{}, c); err == nil {
			t.Errorf("%s: audited", name)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := RunCounts(ctx, GateMechanism{}, selfTestCounts()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

// What the noise check accepts is a rounded normal of the noise that was claimed: 300
// right samples pass, and a tenth more or less noise, a mean, a copied neighbour, and
// other shapes do not.
func TestRoundedNormalFault(t *testing.T) {
	source := device.Draw{Seed: 5}
	sample := func(n int, draw func(z float64) float64) []float64 {
		x := make([]float64, n)
		source.Step++
		for i := range x {
			x[i] = math.Round(draw(float64(source.Normal(i))))
		}
		return x
	}
	for _, sigma := range []float64{0.3, 1, 7, 100, 4000} {
		times := func(by float64) func(float64) float64 { return func(z float64) float64 { return by * sigma * z } }
		for range 60 {
			if fault := roundedNormalFault(sample(4000, times(1)), sigma); fault != "" {
				t.Errorf("σ=%g: %s", sigma, fault)
			}
		}
		if sigma < 1 {
			continue
		}
		for _, wrong := range []struct { // in this order, as samples follow each other
			name string
			draw func(z float64) float64
		}{
			{"more noise", times(1.1)}, {"less noise", times(0.9)},
			{"a mean", func(z float64) float64 { return sigma * (z + 0.12) }},
			{"a tail cut", func(z float64) float64 { return sigma * math.Max(-1.9, math.Min(1.9, z)) }},
			{"another shape", func(z float64) float64 { // uniform of the same variance
				return sigma * math.Sqrt(12) * (normalCDF(z) - 0.5)
			}},
		} {
			if fault := roundedNormalFault(sample(8000, wrong.draw), sigma); fault == "" {
				t.Errorf("σ=%g: %s passed", sigma, wrong.name)
			}
		}
		x := sample(4000, times(1))
		x[3000] += 0.25
		if roundedNormalFault(x, sigma) == "" {
			t.Errorf("σ=%g: a count with a fraction passed", sigma)
		}
		x[3000] -= 0.25
		for i := 1; i < len(x); i += 2 {
			x[i] = x[i-1]
		}
		if roundedNormalFault(x, sigma) == "" {
			t.Errorf("σ=%g: pairs of equal noise passed", sigma)
		}
	}
}
