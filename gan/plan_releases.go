package gan

import "github.com/dpgan/dpgan/dpsgd"

// PlanReleases plans what a run with settings, of which it needs Domain, Target, Privacy,
// Model and Training, releases of a table of rows rows, within budget.
func PlanReleases(budget *dpsgd.Budget, settings *Settings, rows int) (*Stages, error) {
	if err := settings.Mappable(); err != nil {
		return nil, err
	}
	training := settings.Training.Settled(settings.Model.Discriminator.Kind, rows)
	return newPlan(budget, &settings.Privacy, Table{settings.Domain, settings.target(), rows}, training.BatchSize, training.Steps)
}
