package plan

import (
	"math"
	"slices"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/gan/marginal"
)

// Budget is the budget's shares as they were settled, those of the tables by what
// they are for, and why.
type Budget struct {
	Marginals     float64 `json:"marginals"`
	Singles       float64 `json:"single_columns"`
	Choice        float64 `json:"choice,omitempty"`
	Joint         float64 `json:"joint_tables"`
	Discriminator float64 `json:"discriminator"`
	Why           string  `json:"why"`
}

func newBudget(s *marginal.Plan, given dpsgd.Shares) Budget {
	share := func(kind dpsgd.Kind) float64 { return s.Releases.Of(kind).Share }
	b := Budget{Marginals: s.Marginals, Singles: share(marginal.OneWay) + share(marginal.Cuts), Choice: share(marginal.TargetTables) + share(marginal.Scores),
		Joint: share(marginal.JointTables), Discriminator: s.Discriminator}
	switch {
	case s.Looks() == 0:
		b.Why = "there are no pairs of columns to look at"
	case given.Marginals == nil && given.Discriminator == nil:
		b.Why = "both shares are auto: single columns get what they need, joint tables a fifth of the rest"
	case s.Pure():
		b.Why = "privacy.budget.marginals=0: the discriminator begins with single columns only"
	case s.Discriminator == 0:
		b.Why = "privacy.budget.discriminator=0: the generator is fitted to noisy tables alone"
	default:
		b.Why = "as privacy.budget says"
	}
	return b
}

// Step is what the second-order discriminator will know: how many tables, of how many
// columns, its weights are of, in how many intervals it sees numbers, and the noise that
// its steps, and steps and tables together, leave on each count, if all tables are alike.
type Step struct {
	Kind       string  `json:"kind"`
	Tables     int     `json:"tables"`
	Columns    int     `json:"columns"`
	Intervals  int     `json:"intervals"`
	StepsNoise float64 `json:"steps_noise_multiplier"`
	Noise      float64 `json:"noise_multiplier"`
}

func newStep(kind string, s *marginal.Plan) *Step {
	r, tables := s.Releases, slices.Concat(s.Joint, s.TargetPairs, s.Candidates)
	p := &Step{Kind: kind, Tables: len(tables), Columns: len(tables[0]), Intervals: s.Intervals}
	p.StepsNoise = stepsNoise(r.NoiseMultiplier, r.SampleRate, p.Tables, gan.PairsSteps(kind, r.Affordable))
	p.Noise = p.StepsNoise
	if joint := r.Of(marginal.JointTables); joint.Count > 0 {
		p.Noise = 1 / math.Sqrt(1/(p.StepsNoise*p.StepsNoise)+1/(joint.Noise*joint.Noise))
	}
	return p
}

// stepsNoise is what so many steps leave on each count of each of the tables.
func stepsNoise(multiplier, rate float64, tables, steps int) float64 {
	return multiplier * math.Sqrt(float64(tables)/float64(steps)) / rate
}
