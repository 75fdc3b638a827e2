package plan

import (
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/tabular"
)

// FirstRun is the plan of a first run with settings, whose training is settled, on a table
// of rows rows, calibrated as training does: the ledger that all runs share stays closed.
func FirstRun(settings gan.Settings, gaps []tabular.Gap, rows int) (*marginal.Plan, error) {
	privacy := &settings.Privacy
	if privacy.TableEpsilon > 0 {
		privacy.TargetEpsilon = min(privacy.TargetEpsilon, privacy.TableEpsilon)
	}
	privacy.Ledger, privacy.TableEpsilon, privacy.TableDelta = "", 0, 0
	budget, err := dpsgd.PlanBudget(*privacy)
	if err != nil {
		return nil, err
	}
	if _, err := ChargeDiscovery(budget, *privacy, gaps); err != nil {
		return nil, err
	}
	return gan.PlanReleases(budget, &settings, rows)
}
