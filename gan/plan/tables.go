package plan

import (
	"slices"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/marginal"
)

// Cuts are the fine tables by which numbers are cut.
type Cuts struct {
	Tables          int     `json:"tables"`
	Bins            int     `json:"bins"` // about the most of a number
	NoiseMultiplier float64 `json:"noise_multiplier"`
}

// Tables are the 1-way tables: the noise on a count, and its size beside
// counts of 1 % and 0.1 % of the rows.
type Tables struct {
	Columns         int     `json:"columns"`
	NoiseMultiplier float64 `json:"noise_multiplier"`
	ErrorAt1Percent float64 `json:"relative_error_at_1_percent"`
	ErrorAt01       float64 `json:"relative_error_at_0.1_percent"`
}

// Choice is what it costs to choose the joint tables: tables of each column with
// the target, and a score of each candidate.
type Choice struct {
	TargetTables int     `json:"target_tables"`
	TargetNoise  float64 `json:"target_tables_noise_multiplier"`
	Scores       int     `json:"scores"`
	ScoresNoise  float64 `json:"scores_noise_multiplier"`
}

// Joint are the tables of pairs or triples of columns; beside a choice the
// candidates, and their noise if all were chosen.
type Joint struct {
	Tables          int     `json:"tables"`
	Columns         int     `json:"columns"`
	Intervals       int     `json:"intervals"`
	NoiseMultiplier float64 `json:"noise_multiplier"`
}

// tables describes the stages before the discriminator.
func (p *Plan) tables(s *marginal.Plan, given dpsgd.Shares) {
	of := s.Releases.Of
	oneWay, cuts, target, scores, joint := of(marginal.OneWay), of(marginal.Cuts), of(marginal.TargetTables), of(marginal.Scores), of(marginal.JointTables)
	p.Mode, p.Budget = s.Mode(), newBudget(s, given)
	p.Tables = Tables{oneWay.Count, oneWay.Noise, oneWay.Noise / (0.01 * float64(p.Rows)), oneWay.Noise / (0.001 * float64(p.Rows))}
	if cuts.Count > 0 {
		p.Cuts = &Cuts{cuts.Count, s.Bins, cuts.Noise}
	}
	if scores.Count > 0 {
		p.Choice = &Choice{target.Count, target.Noise, scores.Count, scores.Noise}
	}
	if tables := slices.Concat(s.Joint, s.Candidates); joint.Count > 0 && len(tables) > 0 {
		p.Joint = &Joint{len(tables), len(tables[0]), s.Intervals, joint.Noise}
	}
	p.NoiseMultiplier = s.Releases.NoiseMultiplier
	p.Steps, p.AffordableSteps = s.Releases.Steps, s.Releases.Affordable
}
