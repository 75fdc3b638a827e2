package accounting

import (
	"errors"
	"fmt"
	"math"
)

// Accountant names a way of adding up privacy loss.
type Accountant string

// The accountants.
const (
	PLD Accountant = "pld" // privacy loss distributions: tight
	RDP Accountant = "rdp" // Rényi differential privacy: quick, what most published figures use
)

// ErrUnreachable is what calibration errors wrap when no noise and no number of steps meets the target, because
// the releases already made or the least possible ones pass it.
var ErrUnreachable = errors.New("budget unreachable")

// ParseAccountant returns the accountant of that name.
func ParseAccountant(name string) (Accountant, error) {
	switch a := Accountant(name); a {
	case PLD, RDP:
		return a, nil
	}
	return "", fmt.Errorf("accounting: accountant=%q: unknown; use pld or rdp", name)
}

// Epsilon returns the ε for which the composition of events is (ε, delta)-DP under add/remove of one row. It is
// +Inf where the (ε, δ) events alone use up delta. No events cost nothing.
func (a Accountant) Epsilon(events []Event, delta float64) (float64, error) {
	l, err := a.compose(events)
	if err != nil {
		return 0, err
	}
	return l.epsilon(delta, gridTolerance)
}

// Delta returns the δ for which the composition of events is (epsilon, δ)-DP under add/remove of one row.
func (a Accountant) Delta(events []Event, epsilon float64) (float64, error) {
	if !(epsilon >= 0) {
		return 0, fmt.Errorf("accounting: epsilon=%v: must not be negative", epsilon)
	}
	l, err := a.compose(events)
	if err != nil {
		return 0, err
	}
	return l.delta(epsilon)
}

func checkDelta(delta float64) error {
	if !(delta > 0 && delta < 1) {
		return fmt.Errorf("accounting: delta=%v: must be in (0, 1)", delta)
	}
	return nil
}

// totalLoss is a composition under one of the accountants. Exactly one of the fields is set.
type totalLoss struct {
	curve       *rdpCurve
	gaussian    float64 // μ of a composition of Gaussian releases only
	composition *composition
}

// compose validates the events and composes them.
func (a Accountant) compose(events []Event) (totalLoss, error) {
	for i, e := range events {
		if err := e.validate(); err != nil {
			return totalLoss{}, fmt.Errorf("%w (event %d of %d)", err, i+1, len(events))
		}
	}
	switch a {
	case RDP:
		curve := newRDPCurve()
		for _, e := range events {
			curve.addEvent(e, e.Count)
		}
		return totalLoss{curve: curve}, nil
	case PLD:
		if mu, ok := gaussianOnly(events); ok {
			return totalLoss{gaussian: mu}, nil
		}
		return totalLoss{composition: newComposition(events)}, nil
	}
	return totalLoss{}, fmt.Errorf("accounting: accountant=%q: unknown; use pld or rdp", string(a))
}

// epsilon returns ε at delta, of a composition on a grid whose error is about tolerance.
func (l totalLoss) epsilon(delta, tolerance float64) (float64, error) {
	if err := checkDelta(delta); err != nil {
		return 0, err
	}
	switch {
	case l.curve != nil:
		return l.curve.epsilon(delta), nil
	case l.composition != nil:
		return l.composition.epsilon(delta, tolerance)
	}
	return gaussianEpsilonOf(l.gaussian, delta), nil
}

// gaussianEpsilonOf returns ε of a Gaussian release of noise multiplier 1/mu, 0 for none.
func gaussianEpsilonOf(mu, delta float64) float64 {
	if mu == 0 {
		return 0
	}
	return roundUp(gaussianEpsilon(mu, delta), 1)
}

func (l totalLoss) delta(epsilon float64) (float64, error) {
	switch {
	case l.curve != nil:
		return l.curve.delta(epsilon), nil
	case l.composition != nil:
		return l.composition.delta(epsilon), nil
	case l.gaussian == 0:
		return 0, nil
	}
	return math.Min(1, gaussianDelta(l.gaussian, epsilon)*(1+1e-9)), nil
}
