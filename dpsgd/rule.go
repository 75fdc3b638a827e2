package dpsgd

import "github.com/dpgan/dpgan/dpsgd/accounting"

// rule adds releases up to a total (ε, δ) that it was made for.
//
// A run that discovers nothing fixes all its releases before the first one:
// PlanStages and Calibrate settle every noise, the sample rate and the number of
// steps T, from public facts and what is left of the budget. What is chosen later
// changes no dominating pair. The noisy counts are Gaussian releases of sensitivity
// 1: how many joint tables there are depends on noisy scores, but not Σ count/σ²,
// which the plan fixes, and adaptively chosen Gaussians of a fixed Σμ² are
// dominated by the one Gaussian of μ = √Σμ² (Smith, Thakurta 2022, arXiv:2210.17520;
// Koskela, Tobaben, Honkela 2022, arXiv:2209.15596). Each of at most T steps is
// dominated by one pair of (q, σ), of which T are composed, whether they are taken
// or not. So an accountant may compose these pairs (composition).
//
// Where a discovery, or a noisy row count, decides the parameters of what follows,
// they are not fixed, and the run draws on a filter, as all runs on a table do.
type rule interface {
	// Epsilon is what events amount to at the total's δ.
	Epsilon(events []accounting.Event) (float64, error)
	// NoiseMultiplier is the least at which steps fit beside prior.
	NoiseMultiplier(prior []accounting.Event, sampleRate float64, steps int) (float64, error)
	// GaussianNoise is the least at which one Gaussian release fits beside prior.
	GaussianNoise(prior []accounting.Event) (float64, error)
	// Steps is the most steps, up to bound, that fit beside prior.
	Steps(prior []accounting.Event, sampleRate, noiseMultiplier float64, bound int) (int, error)
}

// composition is the rule of releases with fixed parameters.
type composition struct {
	accounting.Accountant
	epsilon, delta float64
}

func (c composition) Epsilon(events []accounting.Event) (float64, error) {
	return c.Accountant.Epsilon(events, c.delta)
}

func (c composition) NoiseMultiplier(prior []accounting.Event, sampleRate float64, steps int) (float64, error) {
	return c.Accountant.NoiseMultiplier(prior, sampleRate, steps, c.epsilon, c.delta)
}

func (c composition) GaussianNoise(prior []accounting.Event) (float64, error) {
	return c.Accountant.GaussianNoise(prior, 1, c.epsilon, c.delta)
}

func (c composition) Steps(prior []accounting.Event, sampleRate, noiseMultiplier float64, bound int) (int, error) {
	return c.Accountant.Steps(prior, sampleRate, noiseMultiplier, c.epsilon, c.delta, bound)
}

// The shares of δ that filters keep for selections of categories and for the numeric
// bounds of DP-SGD phases: a run asks once, at selectionShare of its target, and so may
// five runs on a table, or more with a smaller target_delta.
const (
	runReserve   = 0.2
	TableReserve = 0.5
)

// Adaptive reports whether a run may choose parameters by what it discovers.
func (c *Config) Adaptive() bool { return c.Discovery != DiscoveryConfig{} }

// newTarget is the ceiling of one run.
func newTarget(c Config) (ceiling, error) {
	accountant, err := accounting.ParseAccountant(c.Accountant)
	if err != nil {
		return ceiling{}, err
	}
	l := ceiling{rule: composition{accountant, c.TargetEpsilon, c.TargetDelta}, name: targetKey, epsilon: c.TargetEpsilon,
		delta: c.TargetDelta}
	if c.Adaptive() {
		l.rule, err = accounting.NewFilter(c.TargetEpsilon, c.TargetDelta, runReserve)
	}
	return l, err
}

// newTotal is the ceiling of all runs in a ledger whose first line is header.
func newTotal(header accounting.Header, others []accounting.Event) (ceiling, error) {
	filter, err := accounting.NewFilter(header.Epsilon, header.Delta, TableReserve)
	return ceiling{rule: filter, name: tableKey, epsilon: header.Epsilon, delta: header.Delta, others: others, wholePhases: true}, err
}
