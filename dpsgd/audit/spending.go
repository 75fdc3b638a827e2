package audit

import (
	"bytes"
	"context"
	"regexp"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// affordable is how many steps the budget of a check pays for.
const affordable = 5

// budget gives a run what exactly affordable steps cost and lets it ask for
// twice as many: it must get no more. The accountant's own ε is what counts.
func budget(_ context.Context, a *auditor) (Result, error) {
	granted, _, err := a.grant()
	switch {
	case err != nil:
		return Result{}, err
	case granted < 0:
		return passed("a step costs too little to tell one from the next"), nil
	case granted == 0:
		return failed("no step was granted of %d affordable ones: nothing was audited", affordable), nil
	}
	return verdict(granted <= affordable, "%d steps granted, %d affordable, %d asked for, and none again after a restart", granted,
		affordable, 2*affordable), nil
}

// identifiers are random numbers and hashes, in hexadecimal, by which ledgers and their
// lines are told apart.
var identifiers = regexp.MustCompile(`[0-9a-f]{32,}`)

// metadata makes two runs that spend the same, and expects the same ledgers, byte for
// byte but for identifiers: no time finer than the day, and nothing else but the spend.
func metadata(_ context.Context, a *auditor) (Result, error) {
	const days = 2 // the first pair may lie on both sides of midnight
	for range days {
		_, one, err := a.grant()
		if err != nil {
			return Result{}, err
		}
		_, other, err := a.grant()
		if err != nil {
			return Result{}, err
		}
		if bytes.Equal(identifiers.ReplaceAll(one, nil), identifiers.ReplaceAll(other, nil)) {
			return passed("two runs that spend the same leave the same ledger"), nil
		}
	}
	return failed("two runs that spend the same leave different ledgers: something but the spend is in them"), nil
}

// grant asks for twice the steps that are affordable. It returns -1 where a step costs
// too little to tell one from the next.
func (a *auditor) grant() (granted int, ledger []byte, err error) {
	step := dpsgd.StepConfig{SampleRate: a.SampleRate, NoiseMultiplier: a.NoiseMultiplier, MaxGradNorm: a.MaxGradNorm}
	accountant := accounting.Accountant(a.Accountant)
	epsilon := func(steps int) (float64, error) {
		return accountant.Epsilon([]accounting.Event{step.Event(steps)}, a.Delta)
	}
	last, err := epsilon(affordable)
	if err != nil {
		return 0, nil, err
	}
	next, err := epsilon(affordable + 1)
	if err != nil {
		return 0, nil, err
	}
	if next <= last {
		return -1, nil, nil
	}
	config := dpsgd.DefaultConfig()
	config.TargetEpsilon, config.TargetDelta = (last+next)/2, a.Delta
	config.MaxGradNorm, config.Accountant = a.MaxGradNorm, a.Accountant
	return a.mechanism.Grant(config, step, 2*affordable)
}
