package main

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/gan"
)

// advice is a warning and the setting that would be better.
type advice struct {
	Warning string `json:"warning"`
	Set     string `json:"set"`
}

func (p *plan) warn(set, format string, args ...any) {
	p.Advice = append(p.Advice, advice{fmt.Sprintf(format, args...), set})
}

// advise looks at what is planned before the tables are charged to budget.
func (p *plan) advise(config *Config, budget *dpsgd.Budget, tables []accounting.Event) error {
	if p.Delta*float64(p.Rows) >= 1 {
		p.warn(fmt.Sprintf("privacy.target_delta=%.0e", oneDigitBelow(0.1/float64(p.Rows))),
			"target_delta=%g is not below 1/rows: publishing a whole random row would satisfy it", p.Delta)
	}
	if p.TargetEpsilon > 10 {
		p.warn("privacy.target_epsilon=3", "target_epsilon=%g promises little: above 10 an attacker may learn almost surely whether a row was present", p.TargetEpsilon)
	}
	if err := p.adviseNoise(config, budget, tables); err != nil {
		return err
	}
	if p.Tables.ErrorAt1Percent > 0.2 {
		share := p.Budget.Marginals
		set := "more rows or a larger privacy.target_epsilon"
		if better := math.Min(0.5, 4*share); p.Mode == gan.ModePure && better > share {
			set = fmt.Sprintf("privacy.budget.marginals=%.2g and privacy.budget.discriminator=%.2g", better, 1-better)
		}
		p.warn(set, "the 1-way tables drown: the noise on a count is %.0f %% of one that holds 1 %% of the rows", 100*p.Tables.ErrorAt1Percent)
	}
	return p.adviseBatch(config, budget, tables)
}

// adviseNoise finds the step at which a fixed noise has used up the budget.
func (p *plan) adviseNoise(config *Config, budget *dpsgd.Budget, tables []accounting.Event) error {
	if config.Privacy.NoiseMultiplier == nil || p.AffordableSteps == p.Steps {
		return nil
	}
	better, err := budget.Noise(p.SampleRate, p.Steps, tables...)
	if err != nil {
		return err
	}
	p.warn(fmt.Sprintf("privacy.noise_multiplier=auto, which is %.4g", better),
		"budget gone at step %s of %s: noise_multiplier=%g is too small", grouped(p.AffordableSteps+1), grouped(p.Steps), p.NoiseMultiplier)
	return nil
}

// adviseBatch doubles a batch on which the noise of a step is longer than any
// mean gradient, and recalibrates, until it no longer is.
func (p *plan) adviseBatch(config *Config, budget *dpsgd.Budget, tables []accounting.Event) error {
	if p.Step == nil || p.Step.Whole >= 1 {
		return nil
	}
	root := math.Sqrt(float64(p.Step.Parameters))
	set := fmt.Sprintf("a smaller model.discriminator.hidden than %v, more rows or a larger privacy.target_epsilon", config.Model.Discriminator.Hidden)
	for batch := 2 * p.BatchSize; batch <= p.Rows/2; batch *= 2 {
		noise := p.NoiseMultiplier
		if config.Privacy.NoiseMultiplier == nil {
			var err error
			if noise, err = budget.Noise(float64(batch)/float64(p.Rows), p.Steps, tables...); err != nil {
				return err
			}
		}
		if float64(batch)/(noise*root) >= 1 {
			set = fmt.Sprintf("training.batch_size=%d", batch)
			break
		}
	}
	p.warn(set, "batch too small: the noise of a step, about C·σ·√parameters/batch_size, is %.3g times as long as the longest mean gradient, C", 1/p.Step.Whole)
	return nil
}

// oneDigitBelow rounds x > 0 down to one digit.
func oneDigitBelow(x float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(x)))
	return math.Floor(x/unit*(1+1e-9)) * unit
}
