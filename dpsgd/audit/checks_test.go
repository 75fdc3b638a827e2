package audit

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
)

// A mechanism that loses every record moves nothing. The audit must not call that
// private: it would pass whatever it is shown.
type deaf struct{ planted }

func (d deaf) Open(t Table) (Stepper, error) {
	t.Step.SampleRate = 0
	return d.planted.Open(t)
}

func TestABlindAuditFails(t *testing.T) {
	a := testAuditor(t, deaf{}, selfTestConfig())
	r, err := sensitivity(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	if r.Passed || !strings.Contains(r.Detail, "blind") {
		t.Errorf("passed=%v: %s", r.Passed, r.Detail)
	}
}

// A ledger that holds the time fails, one that holds the spend alone passes.
func TestMetadata(t *testing.T) {
	for bug, pass := range map[Bug]bool{noBug: true, timedLedger: false} {
		r, err := metadata(context.Background(), testAuditor(t, planted{bug}, selfTestConfig()))
		if err != nil || r.Passed != pass {
			t.Errorf("%s: passed=%v: %s (%v)", bug, r.Passed, r.Detail, err)
		}
	}
}

// A distance that is not a number is no pass.
func TestExtremeKeepsNaN(t *testing.T) {
	var e extreme
	e.raise(math.NaN(), "x")
	e.raise(0.5, "y")
	if r := e.result("test"); r.Passed || !math.IsInf(e.distance, 1) {
		t.Errorf("passed=%v, distance %g", r.Passed, e.distance)
	}
}

// The standard errors of the noise check are right: over 200 runs on independent
// normals, the three deviations have unit variance (0.7 … 1.4 is 4 standard errors).
func TestNoiseDeviationsAreStandardised(t *testing.T) {
	const runs, steps, dimension = 200, 100, 4
	var squares [3]float64
	for run := range uint64(runs) {
		x := normals(run+1, steps*dimension, 5)
		var m moments
		for s := range steps {
			m.addSum(x[s*dimension:(s+1)*dimension], 1)
		}
		a, b, c := m.z()
		for i, z := range []float64{a, b, c} {
			squares[i] += z * z / runs
		}
	}
	for i, s := range squares {
		if s < 0.5 || s > 1.5 {
			t.Errorf("deviation %d has variance %.3f, want 1", i, s)
		}
	}
}

func TestConfigRefused(t *testing.T) {
	good := selfTestConfig()
	for name, spoil := range map[string]func(*Config){
		"sample_rate": func(c *Config) { c.SampleRate = 1.5 }, "noise_multiplier": func(c *Config) { c.NoiseMultiplier = 0 },
		"max_grad_norm": func(c *Config) { c.MaxGradNorm = math.NaN() }, "delta": func(c *Config) { c.Delta = 0 },
		"steps": func(c *Config) { c.Steps = 0 }, "accountant": func(c *Config) { c.Accountant = "x" },
		"effort": func(c *Config) { c.Effort.Canaries = 0 },
	} {
		c := good
		spoil(&c)
		if _, err := Run(context.Background(), planted{noBug}, c); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v does not name it", name, err)
		}
	}
}

func TestRunStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, planted{noBug}, selfTestConfig()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}
