package model

import (
	"fmt"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/gan/marginal"
)

// Statement says what a model cost. It travels in the model file.
type Statement struct {
	// Epsilon and Delta are the guarantee, by Rule, for adding or removing one row of
	// the table. They cover what was planned, also where the run ended early or chose
	// fewer tables: that may have been decided by what was seen.
	Epsilon    float64 `json:"epsilon"`
	Delta      float64 `json:"delta"`
	Adjacency  string  `json:"adjacency"`
	Accountant string  `json:"accountant"`
	// Rule is why Epsilon holds.
	Rule string `json:"rule"`
	// EpsilonPLD and EpsilonRDP are both accountants' views of the same events, as if
	// they had been fixed beforehand.
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
	Found []marginal.FoundRule `json:"found_rules,omitempty"`
}

// PricedEvent is one release and the ε it would cost alone.
type PricedEvent struct {
	accounting.Event
	EpsilonAlone float64 `json:"epsilon_alone"`
}

// InsecureWarning is what everything made with --insecure-seed says.
const InsecureWarning = "made with --insecure-seed: the noise can be recomputed, so this is NOT private"

// The rules of PrivacyStatement.
const (
	ruleComposition = "composition by %s of releases that were fixed before the first; of tables that noisy scores chose, the sum of 1/noise² is (Gaussian differential privacy, fully adaptive: arXiv 2210.17520, 2209.15596)"
	ruleFilter      = "filter: what was discovered set up what followed, so epsilon is the target, which fully adaptive composition under Gaussian differential privacy keeps (arXiv 2210.17520, 2209.15596)"
)

// Spending is what a run releases of its table.
type Spending struct {
	Plan, Released []accounting.Event
	Step           dpsgd.StepConfig // of the discriminator, if there is one
	Rows           int              // public, or released with noise
	Insecure       bool
}

// NewStatement states what a run of config cost.
func NewStatement(config dpsgd.Config, run Spending) (*Statement, error) {
	s := &Statement{Delta: config.TargetDelta, Adjacency: "add or remove one row", Accountant: config.Accountant,
		TargetEpsilon: config.TargetEpsilon, RowCount: config.RowCount, SampleRate: run.Step.SampleRate,
		NoiseMultiplier: run.Step.NoiseMultiplier, MaxGradNorm: run.Step.MaxGradNorm, Insecure: run.Insecure}
	var err error
	if s.EpsilonPLD, err = accounting.PLD.Epsilon(run.Plan, s.Delta); err != nil {
		return nil, err
	}
	if s.EpsilonRDP, err = accounting.RDP.Epsilon(run.Plan, s.Delta); err != nil {
		return nil, err
	}
	s.Epsilon, s.Rule = s.EpsilonPLD, fmt.Sprintf(ruleComposition, config.Accountant)
	if config.Accountant == string(accounting.RDP) {
		s.Epsilon = s.EpsilonRDP
	}
	if config.Adaptive() {
		s.Epsilon, s.Rule = config.TargetEpsilon, ruleFilter
	}
	for _, e := range run.Released {
		alone, err := accounting.Accountant(config.Accountant).Epsilon([]accounting.Event{e}, s.Delta)
		if err != nil {
			return nil, err
		}
		s.Events = append(s.Events, PricedEvent{e, alone})
		if e.Mechanism == accounting.PoissonGaussian {
			s.Steps += e.Count
		}
	}
	s.Warnings = Warnings(config, run.Rows, run.Insecure)
	return s, nil
}

// Warnings are the settings that weaken what a reader would take for granted.
func Warnings(config dpsgd.Config, rows int, insecure bool) []string {
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
