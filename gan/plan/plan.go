package plan

import (
	"fmt"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/tabular"
)

// Plan is what a run would spend, and what it would get for it.
type Plan struct {
	Rows            int        `json:"rows"`
	BatchSize       int        `json:"batch_size"`
	SampleRate      float64    `json:"sample_rate"`
	Steps           int        `json:"steps"`
	AffordableSteps int        `json:"affordable_steps"`
	NoiseMultiplier float64    `json:"noise_multiplier"`
	TargetEpsilon   float64    `json:"target_epsilon"`
	Delta           float64    `json:"delta"`
	Adjacency       string     `json:"adjacency"`
	Accountant      string     `json:"accountant"`
	Filter          bool       `json:"filter,omitempty"` // Epsilon is the target, kept by a filter
	Epsilon         float64    `json:"epsilon"`
	EpsilonPLD      float64    `json:"epsilon_pld"`
	EpsilonRDP      float64    `json:"epsilon_rdp"`
	Stages          []Stage    `json:"stages"`
	Discovery       []Asked    `json:"discovery,omitempty"`
	Mode            string     `json:"mode"`
	Budget          Budget     `json:"budget"`
	Cuts            *Cuts      `json:"cuts,omitempty"`
	Tables          Tables     `json:"marginals"`
	Choice          *Choice    `json:"choice,omitempty"`
	Joint           *Joint     `json:"joint,omitempty"`
	Rules           []string   `json:"rules,omitempty"`
	Step            *Step      `json:"discriminator,omitempty"`
	Time            *Time      `json:"time,omitempty"`
	Table           *TableLeft `json:"table,omitempty"`
	Advice          []Advice   `json:"warnings"`

	settings gan.Settings
	stages   *marginal.Plan
}

// Stage is one stage and what it would cost alone.
type Stage struct {
	Stage        string             `json:"stage"`
	EpsilonAlone float64            `json:"epsilon_alone"`
	Events       []accounting.Event `json:"events"`
}

// TableLeft is what is left of the total of all runs on the table, by a filter.
type TableLeft struct {
	Ledger       string  `json:"ledger"`
	TableEpsilon float64 `json:"table_epsilon"`
	TableDelta   float64 `json:"table_delta"`
	Left         float64 `json:"left"`
}

// New goes through the releases of a run with settings on a table of rows rows, in their
// order, on a budget that no ledger remembers. Of gaps the domain has stand-ins, and
// discovering them is charged first.
func New(settings gan.Settings, gaps []tabular.Gap, rows int) (*Plan, error) {
	settings.Training = settings.Training.WithDefaults(settings.Model.Discriminator.Kind, rows)
	privacy, training := settings.Privacy, settings.Training
	if rows < training.BatchSize {
		return nil, fmt.Errorf("plan: rows=%d: must be at least training.batch_size=%d", rows, training.BatchSize)
	}
	budget, err := dpsgd.PlanBudget(privacy)
	if err != nil {
		return nil, err
	}
	p := &Plan{Rows: rows, BatchSize: training.BatchSize, SampleRate: float64(training.BatchSize) / float64(rows),
		Steps: training.Steps, AffordableSteps: training.Steps, TargetEpsilon: privacy.TargetEpsilon, Delta: privacy.TargetDelta,
		Adjacency: "add or remove one row", Accountant: privacy.Accountant, Advice: []Advice{}, settings: settings}
	total, err := budget.TableTotal()
	if err != nil {
		return nil, err
	}
	if total != nil {
		p.Table = &TableLeft{privacy.Ledger, total.Epsilon, total.Delta, total.Left}
	}
	if err := p.discover(budget, privacy, gaps); err != nil {
		return nil, err
	}
	stages, err := gan.PlanReleases(budget, &settings, rows)
	if err != nil {
		return nil, err
	}
	p.stages = stages
	p.tables(stages, privacy.Budget)
	p.Rules = stages.Notes(settings.Domain.Codec)
	if p.AffordableSteps > 0 && stages.Looks() > 0 {
		p.Step = newStep(settings.Model.Discriminator.Kind, stages)
	}
	tables := stages.Releases.Events()
	if err := p.advise(budget, tables); err != nil {
		return nil, err
	}
	if err := p.charge(budget, tables...); err != nil {
		return nil, err
	}
	if p.AffordableSteps > 0 {
		step := dpsgd.StepConfig{SampleRate: p.SampleRate, NoiseMultiplier: p.NoiseMultiplier}
		if err := p.charge(budget, step.Event(p.AffordableSteps)); err != nil {
			return nil, err
		}
	}
	return p, p.total(budget, privacy)
}

// discover charges and adds the stage before all others.
func (p *Plan) discover(budget *dpsgd.Budget, privacy dpsgd.Config, gaps []tabular.Gap) error {
	prices, err := ChargeDiscovery(budget, privacy, gaps)
	if err != nil || len(prices) == 0 {
		return err
	}
	var events []accounting.Event
	for _, price := range prices {
		p.Discovery = append(p.Discovery, Asked{price.Question, price.Columns, price.Epsilon, price.Rows, Buys(price)})
		events = append(events, price.Events...)
	}
	return p.stage(events...)
}

// stage adds a stage that was charged.
func (p *Plan) stage(events ...accounting.Event) error {
	alone, err := accounting.Accountant(p.Accountant).Epsilon(events, p.Delta)
	p.Stages = append(p.Stages, Stage{events[0].Stage, alone, events})
	return err
}

// charge charges and adds a stage.
func (p *Plan) charge(budget *dpsgd.Budget, events ...accounting.Event) error {
	for _, event := range events {
		if err := budget.Charge(event); err != nil {
			return err
		}
	}
	return p.stage(events...)
}

// total is the ε of all stages: what the model will state, and by both accountants.
func (p *Plan) total(budget *dpsgd.Budget, privacy dpsgd.Config) (err error) {
	if p.EpsilonPLD, err = accounting.PLD.Epsilon(budget.Spent(), p.Delta); err != nil {
		return err
	}
	if p.EpsilonRDP, err = accounting.RDP.Epsilon(budget.Spent(), p.Delta); err != nil {
		return err
	}
	p.Epsilon = p.EpsilonPLD
	if p.Accountant == string(accounting.RDP) {
		p.Epsilon = p.EpsilonRDP
	}
	if p.Filter = privacy.Adaptive(); p.Filter {
		p.Epsilon = p.TargetEpsilon
	}
	return nil
}
