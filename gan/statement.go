package gan

import (
	"fmt"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// PrivacyStatement says what a model cost. It travels in the model file.
type PrivacyStatement struct {
	// Epsilon and Delta are the guarantee, by Accountant, for adding or removing
	// one row of the table.
	Epsilon    float64 `json:"epsilon"`
	Delta      float64 `json:"delta"`
	Adjacency  string  `json:"adjacency"`
	Accountant string  `json:"accountant"`
	// EpsilonPLD and EpsilonRDP are both accountants' views of the same events.
	EpsilonPLD      float64       `json:"epsilon_pld"`
	EpsilonRDP      float64       `json:"epsilon_rdp"`
	TargetEpsilon   float64       `json:"target_epsilon"`
	RowCount        string        `json:"row_count"`
	SampleRate      float64       `json:"sample_rate"`
	NoiseMultiplier float64       `json:"noise_multiplier"`
	MaxGradNorm     float64       `json:"max_grad_norm"`
	Steps           int           `json:"steps"`
	Events          []PricedEvent `json:"events"`
	// Insecure is set if the keys were derived from a given seed: then there is no
	// guarantee at all.
	Insecure bool     `json:"insecure"`
	Warnings []string `json:"warnings,omitempty"`
	// Found are the rules that noisy tables told.
	Found []FoundRule `json:"found_rules,omitempty"`
}

// PricedEvent is one release and the ε it would cost alone.
type PricedEvent struct {
	accounting.Event
	EpsilonAlone float64 `json:"epsilon_alone"`
}

// InsecureWarning is what everything made with --insecure-seed says.
const InsecureWarning = "made with --insecure-seed: the noise can be recomputed, so this is NOT private"

func newStatement(config dpsgd.Config, step dpsgd.StepConfig, events []accounting.Event, rows int, insecure bool) (*PrivacyStatement, error) {
	s := &PrivacyStatement{Delta: config.TargetDelta, Adjacency: "add or remove one row", Accountant: config.Accountant,
		TargetEpsilon: config.TargetEpsilon, RowCount: config.RowCount, SampleRate: step.SampleRate,
		NoiseMultiplier: step.NoiseMultiplier, MaxGradNorm: step.MaxGradNorm, Insecure: insecure}
	var err error
	if s.EpsilonPLD, err = accounting.PLD.Epsilon(events, s.Delta); err != nil {
		return nil, err
	}
	if s.EpsilonRDP, err = accounting.RDP.Epsilon(events, s.Delta); err != nil {
		return nil, err
	}
	s.Epsilon = s.EpsilonPLD
	if config.Accountant == string(accounting.RDP) {
		s.Epsilon = s.EpsilonRDP
	}
	for _, e := range events {
		alone, err := accounting.Accountant(config.Accountant).Epsilon([]accounting.Event{e}, s.Delta)
		if err != nil {
			return nil, err
		}
		s.Events = append(s.Events, PricedEvent{e, alone})
		if e.Mechanism == accounting.PoissonGaussian {
			s.Steps += e.Count
		}
	}
	s.Warnings = warnings(config, rows, insecure)
	return s, nil
}

// warnings are the settings that weaken what a reader would take for granted.
func warnings(config dpsgd.Config, rows int, insecure bool) []string {
	var w []string
	if insecure {
		w = append(w, InsecureWarning)
	}
	if config.TargetDelta*float64(rows) >= 1 {
		w = append(w, fmt.Sprintf("target_delta=%g is not below 1/rows: publishing a whole random row would satisfy it; use a smaller one", config.TargetDelta))
	}
	if config.TargetEpsilon > 10 {
		w = append(w, fmt.Sprintf("target_epsilon=%g promises little: above 10 an attacker may learn almost surely whether a row was present", config.TargetEpsilon))
	}
	return w
}
