package plan

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/internal/amount"
)

// Advice is a warning and the setting that would be better.
type Advice struct {
	Warning string `json:"warning"`
	Set     string `json:"set"`
}

func (p *Plan) warn(set, format string, args ...any) {
	p.Advice = append(p.Advice, Advice{fmt.Sprintf(format, args...), set})
}

// advise looks at what is planned before the tables are charged to budget.
func (p *Plan) advise(budget *dpsgd.Budget, tables []accounting.Event) error {
	if p.Delta*float64(p.Rows) >= 1 {
		p.warn(fmt.Sprintf("privacy.target_delta=%.0e", oneDigitBelow(0.1/float64(p.Rows))),
			"target_delta=%g is not below 1/rows: publishing a whole random row would satisfy it", p.Delta)
	}
	if p.TargetEpsilon > 10 {
		p.warn("privacy.target_epsilon=3", "target_epsilon=%g promises little: above 10 an attacker may learn almost surely whether a row was present", p.TargetEpsilon)
	}
	if err := p.adviseNoise(budget, tables); err != nil {
		return err
	}
	if p.Tables.ErrorAt1Percent > 0.2 {
		set := "more rows or a larger privacy.target_epsilon"
		if better := 1 - math.Min(0.5, 4*p.Budget.Singles); p.Mode == marginal.ModePure && better < p.Budget.Discriminator {
			set = fmt.Sprintf("privacy.budget.discriminator=%.2g", better)
		}
		p.warn(set, "the 1-way tables drown: the noise on a count is %.0f %% of one that holds 1 %% of the rows", 100*p.Tables.ErrorAt1Percent)
	}
	return p.adviseBatch(budget, tables)
}

// adviseNoise finds the step at which a fixed noise has used up the budget.
func (p *Plan) adviseNoise(budget *dpsgd.Budget, tables []accounting.Event) error {
	if p.settings.Privacy.NoiseMultiplier == nil || p.AffordableSteps == p.Steps {
		return nil
	}
	better, err := budget.Noise(p.SampleRate, p.Steps, tables...)
	if err != nil {
		return err
	}
	p.warn(fmt.Sprintf("privacy.noise_multiplier=auto, which is %.4g", better),
		"budget gone at step %s of %s: noise_multiplier=%g is too small", amount.Grouped(p.AffordableSteps+1), amount.Grouped(p.Steps), p.NoiseMultiplier)
	return nil
}

// worseBatch is how many times as much noise a batch may leave as one of half of the rows.
const worseBatch = 1.2

// adviseBatch compares what the discriminator knows by steps on the batch that was asked
// for with what it would know by as many on the largest that is chosen by itself.
func (p *Plan) adviseBatch(budget *dpsgd.Budget, tables []accounting.Event) error {
	auto := gan.TrainingConfig{Steps: p.Steps}.WithDefaults(p.settings.Model.Discriminator.Kind, p.Rows)
	if p.Step == nil || p.settings.Privacy.NoiseMultiplier != nil || p.BatchSize >= auto.BatchSize {
		return nil
	}
	rate := float64(auto.BatchSize) / float64(p.Rows)
	noise, err := budget.Noise(rate, p.Steps, tables...)
	if err != nil {
		return err
	}
	better := stepsNoise(noise, rate, p.Step.Tables, gan.PairsSteps(p.settings.Model.Discriminator.Kind, p.Steps))
	if p.Step.StepsNoise > worseBatch*better {
		p.warn(fmt.Sprintf("training.batch_size=auto, which is %d", auto.BatchSize),
			"batch too small: its steps tell a count to within %.4g, as many on larger ones to within %.4g", p.Step.StepsNoise, better)
	}
	return nil
}

// oneDigitBelow rounds x > 0 down to one digit.
func oneDigitBelow(x float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(x)))
	return math.Floor(x/unit*(1+1e-9)) * unit
}
