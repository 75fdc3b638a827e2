package gan

import (
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/marginal"
)

// PlanReleases plans what a run with settings, of which it needs Domain, Target, Privacy,
// Model and Training with numbers for what it leaves open (see WithDefaults), releases of a
// table of rows rows, within budget.
func PlanReleases(budget *dpsgd.Budget, settings *Settings, rows int) (*marginal.Plan, error) {
	if err := settings.Mappable(); err != nil {
		return nil, err
	}
	return marginal.NewPlan(budget, &settings.Privacy, marginal.Table{Domain: settings.Domain, Target: settings.target(), Rows: rows}, settings.Training.BatchSize, settings.Training.Steps)
}
