package marginal

import "github.com/dpgan/dpgan/dpsgd"

// What is measured: the kinds of noisy counts, in the order of their release.
var (
	// Cuts are fine tables of numbers, by which these are cut.
	Cuts = dpsgd.Kind{Name: "fine tables", Purpose: "fine tables to cut numbers by"}
	// OneWay are tables of single columns.
	OneWay = dpsgd.Kind{Name: "1-way tables", Purpose: "1-way tables"}
	// TargetTables are of the target with another column.
	TargetTables = dpsgd.Kind{Name: "tables with the target", Purpose: "tables with the target"}
	// Scores are of the candidates, by which joint tables are chosen.
	Scores = dpsgd.Kind{Name: "scores", Purpose: "scores to choose joint tables by", Scores: true}
	// JointTables are of two or three columns.
	JointTables = dpsgd.Kind{Name: "joint tables", Purpose: "joint tables"}
)

// noReleases has each kind, none yet.
func noReleases() (out []dpsgd.Release) {
	for _, kind := range []dpsgd.Kind{Cuts, OneWay, TargetTables, Scores, JointTables} {
		out = append(out, dpsgd.Release{Kind: kind})
	}
	return out
}
