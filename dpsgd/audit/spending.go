package audit

import (
	"context"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// budget gives a run what exactly affordable steps cost and lets it ask for
// twice as many: it must get no more. The accountant's own ε is what counts.
func budget(_ context.Context, a *auditor) (Result, error) {
	const affordable = 5
	step := dpsgd.StepConfig{SampleRate: a.SampleRate, NoiseMultiplier: a.NoiseMultiplier, MaxGradNorm: a.MaxGradNorm}
	accountant := accounting.Accountant(a.Accountant)
	epsilon := func(steps int) (float64, error) {
		return accountant.Epsilon([]accounting.Event{step.Event(steps)}, a.Delta)
	}
	last, err := epsilon(affordable)
	if err != nil {
		return Result{}, err
	}
	next, err := epsilon(affordable + 1)
	if err != nil {
		return Result{}, err
	}
	if next <= last {
		return passed("a step costs too little to tell one from the next (ε=%.3g)", last), nil
	}
	config := dpsgd.DefaultConfig()
	config.TargetEpsilon, config.TargetDelta = (last+next)/2, a.Delta
	config.MaxGradNorm, config.Accountant = a.MaxGradNorm, a.Accountant
	granted, err := a.mechanism.Grant(config, step, 2*affordable)
	if err != nil {
		return Result{}, err
	}
	if granted == 0 {
		return failed("no step was granted of %d affordable ones: nothing was audited", affordable), nil
	}
	return verdict(granted <= affordable, "%d steps granted, %d affordable, %d asked for, and none again after a restart", granted, affordable, 2*affordable), nil
}
