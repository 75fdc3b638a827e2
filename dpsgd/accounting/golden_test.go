package accounting

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"
)

// golden reads a table of reference values; testdata/golden/README.md says what made them.
func golden(t testing.TB, name string) []map[string]string {
	t.Helper()
	file, err := os.Open("testdata/golden/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // only read
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]map[string]string, 0, len(lines)-1)
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, field := range lines[0] {
			row[field] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// number parses a field; empty fields and time-outs of the reference tools are NaN, which compares false.
func number(s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return math.NaN()
	}
	return v
}

// goldenSteps returns the events of one row of epsilon.csv.
func goldenSteps(row map[string]string) []Event {
	count := int(number(row["steps"]))
	if count == 0 {
		return nil
	}
	return []Event{{Mechanism: PoissonGaussian, SampleRate: number(row["q"]), NoiseMultiplier: number(row["sigma"]), Count: count}}
}

func epsilonOf(t testing.TB, a Accountant, events []Event, delta float64) float64 {
	t.Helper()
	epsilon, err := a.Epsilon(events, delta)
	if err != nil {
		t.Fatalf("%s %v: %v", a, events, err)
	}
	return epsilon
}

// PLD is never below the exact value or outside the PRV interval, and within 1e-5 of dp_accounting on the same grid.
// Below δ = 1e-6 the plain FFT of dp_accounting loses digits to round-off and is no reference.
func TestGoldenPLD(t *testing.T) {
	t.Parallel()
	for i, row := range golden(t, "epsilon.csv") {
		delta := number(row["delta"])
		got := epsilonOf(t, PLD, goldenSteps(row), delta)
		line := i + 2
		if exact := number(row["eps_exact"]); got < exact {
			t.Errorf("line %d: %v is below the exact %v", line, got, exact)
		}
		if low, high := number(row["prv_lower"]), number(row["prv_upper"]); got < low || got > high {
			t.Errorf("line %d: %v is outside [%v, %v] of PRV", line, got, low, high)
		}
		if want := number(row["eps_pld_1e-4"]); delta >= 1e-6 && math.Abs(got-want) > 1e-5 {
			t.Errorf("line %d: %v, dp_accounting %v, apart %.2g", line, got, want, got-want)
		}
	}
}

func TestGoldenRDP(t *testing.T) {
	t.Parallel()
	for i, row := range golden(t, "epsilon.csv") {
		got := epsilonOf(t, RDP, goldenSteps(row), number(row["delta"]))
		if google := number(row["eps_rdp_dpacct"]); got > google+1e-7 {
			t.Errorf("line %d: %v is above %v of dp_accounting", i+2, got, google)
		}
		if opacus := number(row["eps_rdp_opacus"]); got > opacus*(1+1e-6) {
			t.Errorf("line %d: %v is above %v of opacus", i+2, got, opacus)
		}
		if exact := number(row["eps_exact"]); got < exact {
			t.Errorf("line %d: %v is below the exact %v", i+2, got, exact)
		}
	}
}

func TestGoldenRDPOrders(t *testing.T) {
	for i, row := range golden(t, "rdp_orders.csv") {
		got := rdpOfSampledGaussian(number(row["q"]), number(row["sigma"]), number(row["alpha"]))
		if want := number(row["rdp_mpmath_quad"]); math.Abs(got/want-1) > 1e-12 {
			t.Errorf("line %d: %v, mpmath %v, relative error %.2g", i+2, got, want, got/want-1)
		}
	}
}

func TestGoldenCompositions(t *testing.T) {
	t.Parallel()
	for i, row := range golden(t, "composition.csv") {
		events, delta := goldenEvents(t, row["events_json"]), number(row["delta"])
		if got, want := epsilonOf(t, PLD, events, delta), number(row["eps_pld_1e-4"]); math.Abs(got-want) > 1e-5 {
			t.Errorf("line %d: pld %v, dp_accounting %v, apart %.2g", i+2, got, want, got-want)
		}
		if got, want := epsilonOf(t, RDP, events, delta), number(row["eps_rdp"]); got > want+1e-7 {
			t.Errorf("line %d: rdp %v is above %v of dp_accounting", i+2, got, want)
		}
	}
}

// goldenEvents parses lists of ["poisson_gaussian", q, σ, count], ["gaussian", σ, count], ["laplace", b, count] and
// ["epsdelta", ε, δ, count].
func goldenEvents(t *testing.T, text string) []Event {
	t.Helper()
	var lists [][]any
	if err := json.Unmarshal([]byte(text), &lists); err != nil {
		t.Fatal(err)
	}
	events := make([]Event, 0, len(lists))
	for _, list := range lists {
		e := Event{Count: int(list[len(list)-1].(float64))}
		switch list[0] {
		case "poisson_gaussian":
			e.Mechanism, e.SampleRate, e.NoiseMultiplier = PoissonGaussian, list[1].(float64), list[2].(float64)
		case "gaussian", "laplace":
			e.Mechanism, e.NoiseMultiplier = Mechanism(list[0].(string)), list[1].(float64)
		case "epsdelta":
			e.Mechanism, e.Epsilon, e.Delta = EpsilonDelta, list[1].(float64), list[2].(float64)
		}
		events = append(events, e)
	}
	return events
}

// The reference searches stop a little above the least noise, so ours may be lower: by 3e-4 at most, and its own ε
// must meet the target.
func TestGoldenNoise(t *testing.T) {
	t.Parallel()
	for i, row := range golden(t, "noise_multiplier.csv") {
		q, steps, target, delta := number(row["q"]), int(number(row["steps"])), number(row["target_eps"]), number(row["delta"])
		for a, want := range map[Accountant]float64{PLD: number(row["sigma_pld_1e-4_tol1e-4"]), RDP: number(row["sigma_rdp_tol1e-4"])} {
			got, err := a.NoiseMultiplier(nil, q, steps, target, delta)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(got/want-1) > 3e-4 {
				t.Errorf("line %d: %s %v, dp_accounting %v", i+2, a, got, want)
			}
			event := Event{Mechanism: PoissonGaussian, SampleRate: q, NoiseMultiplier: got, Count: steps}
			if epsilon := epsilonOf(t, a, []Event{event}, delta); epsilon > target {
				t.Errorf("line %d: %s noise %v gives ε = %v above %v", i+2, a, got, epsilon, target)
			}
			event.NoiseMultiplier *= 1 - 1e-4
			if epsilon := epsilonOf(t, a, []Event{event}, delta); epsilon <= target {
				t.Errorf("line %d: %s noise %v is more than 1e-4 above the least", i+2, a, got)
			}
		}
	}
}

// The test of Opacus for its own RDP accountant, and the noise its calibration gives there for ε = 8.
func TestOpacusValues(t *testing.T) {
	step := Event{Mechanism: PoissonGaussian, SampleRate: 0.04, NoiseMultiplier: 1.5, Count: 2250}
	if got := epsilonOf(t, RDP, []Event{step}, 1e-5); math.Abs(got-7.32911117) > 1e-7 {
		t.Errorf("ε = %v, opacus 7.32911117", got)
	}
	got, err := RDP.NoiseMultiplier(nil, 0.04, 2000, 8, 1e-5)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(got-1.3562) > 1e-4*1.3562 {
		t.Errorf("noise multiplier %v, opacus 1.3562", got)
	}
}
