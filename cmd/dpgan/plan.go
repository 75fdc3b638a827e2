package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/tabular"
)

// plan is what a run would spend, and what it would get for it.
type plan struct {
	Rows            int         `json:"rows"`
	BatchSize       int         `json:"batch_size"`
	SampleRate      float64     `json:"sample_rate"`
	Steps           int         `json:"steps"`
	AffordableSteps int         `json:"affordable_steps"`
	NoiseMultiplier float64     `json:"noise_multiplier"`
	TargetEpsilon   float64     `json:"target_epsilon"`
	Delta           float64     `json:"delta"`
	Adjacency       string      `json:"adjacency"`
	Accountant      string      `json:"accountant"`
	Filter          bool        `json:"filter,omitempty"` // Epsilon is the target, kept by a filter
	Epsilon         float64     `json:"epsilon"`
	EpsilonPLD      float64     `json:"epsilon_pld"`
	EpsilonRDP      float64     `json:"epsilon_rdp"`
	Stages          []planStage `json:"stages"`
	Discovery       []planAsked `json:"discovery,omitempty"`
	Mode            string      `json:"mode"`
	Budget          planBudget  `json:"budget"`
	Cuts            *planCuts   `json:"cuts,omitempty"`
	Tables          planTables  `json:"marginals"`
	Choice          *planChoice `json:"choice,omitempty"`
	Joint           *planJoint  `json:"joint,omitempty"`
	Rules           []string    `json:"rules,omitempty"`
	Step            *planStep   `json:"discriminator,omitempty"`
	Time            *planTime   `json:"time,omitempty"`
	Table           *planTable  `json:"table,omitempty"`
	Advice          []advice    `json:"warnings"`

	stages *marginal.Plan
}

// planStage is one stage and what it would cost alone.
type planStage struct {
	Stage        string             `json:"stage"`
	EpsilonAlone float64            `json:"epsilon_alone"`
	Events       []accounting.Event `json:"events"`
}

// planAsked is one question of a discovery.
type planAsked struct {
	Question     dpsgd.Question `json:"question"`
	Columns      int            `json:"columns"`
	EpsilonAlone float64        `json:"epsilon_alone"`
	Rows         int64          `json:"rows"`
	text         string
}

// planCuts are the fine tables by which numbers are cut.
type planCuts struct {
	Tables          int     `json:"tables"`
	Bins            int     `json:"bins"` // about the most of a number
	NoiseMultiplier float64 `json:"noise_multiplier"`
}

// planTables are the 1-way tables: the noise on a count, and its size beside
// counts of 1 % and 0.1 % of the rows.
type planTables struct {
	Columns         int     `json:"columns"`
	NoiseMultiplier float64 `json:"noise_multiplier"`
	ErrorAt1Percent float64 `json:"relative_error_at_1_percent"`
	ErrorAt01       float64 `json:"relative_error_at_0.1_percent"`
}

// planChoice is what it costs to choose the joint tables: tables of each column with
// the target, and a score of each candidate.
type planChoice struct {
	TargetTables int     `json:"target_tables"`
	TargetNoise  float64 `json:"target_tables_noise_multiplier"`
	Scores       int     `json:"scores"`
	ScoresNoise  float64 `json:"scores_noise_multiplier"`
}

// planJoint are the tables of pairs or triples of columns; beside a choice the
// candidates, and their noise if all were chosen.
type planJoint struct {
	Tables          int     `json:"tables"`
	Columns         int     `json:"columns"`
	Intervals       int     `json:"intervals"`
	NoiseMultiplier float64 `json:"noise_multiplier"`
}

type planTime struct {
	Device         string  `json:"device"`
	SecondsPerStep float64 `json:"seconds_per_step"`
	Seconds        float64 `json:"seconds"`
}

// planTable is what is left of the total of all runs on the table, by a filter.
type planTable struct {
	Ledger       string  `json:"ledger"`
	TableEpsilon float64 `json:"table_epsilon"`
	TableDelta   float64 `json:"table_delta"`
	Left         float64 `json:"left"`
}

// newPlan goes through the releases of a run in their order, on a budget that no
// ledger remembers.
func newPlan(config *Config, domain *tabular.Domain, gaps []tabular.Gap, rows int) (*plan, error) {
	privacy, steps := config.Privacy, config.Training.Steps
	budget, err := dpsgd.PlanBudget(privacy)
	if err != nil {
		return nil, err
	}
	p := &plan{Rows: rows, BatchSize: config.Training.BatchSize, SampleRate: float64(config.Training.BatchSize) / float64(rows),
		Steps: steps, AffordableSteps: steps, TargetEpsilon: privacy.TargetEpsilon, Delta: privacy.TargetDelta,
		Adjacency: "add or remove one row", Accountant: privacy.Accountant, Advice: []advice{}}
	total, err := budget.TableTotal()
	if err != nil {
		return nil, err
	}
	if total != nil {
		p.Table = &planTable{privacy.Ledger, total.Epsilon, total.Delta, total.Left}
	}
	if err := p.discover(budget, privacy, gaps); err != nil {
		return nil, err
	}
	settings := config.settings(domain)
	stages, err := gan.PlanReleases(budget, &settings, rows)
	if err != nil {
		return nil, err
	}
	p.stages = stages
	p.tables(stages, privacy.Budget)
	p.Rules = stages.Notes(domain.Codec)
	if p.AffordableSteps > 0 && stages.Looks() > 0 {
		p.Step = newPlanStep(config.Model.Discriminator.Kind, stages)
	}
	tables := stages.Releases.Events()
	if err := p.advise(config, budget, tables); err != nil {
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

func (p *plan) discover(budget *dpsgd.Budget, privacy dpsgd.Config, gaps []tabular.Gap) error {
	prices, err := chargeDiscovery(budget, privacy, gaps)
	if err != nil || len(prices) == 0 {
		return err
	}
	var events []accounting.Event
	for _, price := range prices {
		p.Discovery = append(p.Discovery, planAsked{price.Question, price.Columns, price.Epsilon, price.Rows, buys(price)})
		events = append(events, price.Events...)
	}
	return p.stage(events...)
}

// stage adds a stage that was charged.
func (p *plan) stage(events ...accounting.Event) error {
	alone, err := accounting.Accountant(p.Accountant).Epsilon(events, p.Delta)
	p.Stages = append(p.Stages, planStage{events[0].Stage, alone, events})
	return err
}

// tables describes the stages before the discriminator.
func (p *plan) tables(s *marginal.Plan, given dpsgd.Shares) {
	of := s.Releases.Of
	oneWay, cuts, target, scores, joint := of(marginal.OneWay), of(marginal.Cuts), of(marginal.TargetTables), of(marginal.Scores), of(marginal.JointTables)
	p.Mode, p.Budget = s.Mode(), newPlanBudget(s, given)
	p.Tables = planTables{oneWay.Count, oneWay.Noise, oneWay.Noise / (0.01 * float64(p.Rows)), oneWay.Noise / (0.001 * float64(p.Rows))}
	if cuts.Count > 0 {
		p.Cuts = &planCuts{cuts.Count, s.Bins, cuts.Noise}
	}
	if scores.Count > 0 {
		p.Choice = &planChoice{target.Count, target.Noise, scores.Count, scores.Noise}
	}
	if tables := slices.Concat(s.Joint, s.Candidates); joint.Count > 0 && len(tables) > 0 {
		p.Joint = &planJoint{len(tables), len(tables[0]), s.Intervals, joint.Noise}
	}
	p.NoiseMultiplier = s.Releases.NoiseMultiplier
	p.Steps, p.AffordableSteps = s.Releases.Steps, s.Releases.Affordable
}

// charge charges and adds a stage.
func (p *plan) charge(budget *dpsgd.Budget, events ...accounting.Event) error {
	for _, event := range events {
		if err := budget.Charge(event); err != nil {
			return err
		}
	}
	return p.stage(events...)
}

// total is the ε of all stages: what the model will state, and by both accountants.
func (p *plan) total(budget *dpsgd.Budget, privacy dpsgd.Config) (err error) {
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

// rehearse times a few steps on made-up rows.
func (p *plan) rehearse(dev device.Device, config *Config, domain *tabular.Domain) error {
	step := dpsgd.StepConfig{BatchSize: float64(p.BatchSize), SampleRate: p.SampleRate,
		MaxGradNorm: config.Privacy.MaxGradNorm, NoiseMultiplier: p.NoiseMultiplier}
	r, err := gan.TimeSteps(dev, config.settings(domain), p.stages, step, time.Second/2)
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	p.Time = &planTime{dev.Name(), r.SecondsPerStep, r.Seconds(p.AffordableSteps)}
	return nil
}
