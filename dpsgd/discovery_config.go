package dpsgd

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/internal/check"
)

// The values of Config.RowCount.
const (
	RowCountPublic     = "public"
	RowCountDiscovered = "discovered"
)

// DiscoveryConfig is the `privacy.discovery` section: the ε that each kind of
// question may cost, all columns together, alone and at the target δ; 0 asks
// nothing.
type DiscoveryConfig struct {
	Bounds     float64 `mapstructure:"bounds" yaml:"bounds" json:"bounds"`             // of numbers and dates, by powers of two and by years
	Edges      float64 `mapstructure:"edges" yaml:"edges" json:"edges"`                // a closer look at bounds that were found
	Categories float64 `mapstructure:"categories" yaml:"categories" json:"categories"` // values that enough rows share
	Missing    float64 `mapstructure:"missing" yaml:"missing" json:"missing"`          // which columns have missing cells
	RowCount   float64 `mapstructure:"row_count" yaml:"row_count" json:"row_count"`    // a noisy number of rows
}

// Question is a kind of question, by the name of its key.
type Question string

// The questions.
const (
	AskBounds     Question = "bounds"
	AskEdges      Question = "edges"
	AskCategories Question = "categories"
	AskMissing    Question = "missing"
	AskRowCount   Question = "row_count"
)

// Epsilon is what question may cost.
func (d DiscoveryConfig) Epsilon(question Question) float64 {
	switch question {
	case AskBounds:
		return d.Bounds
	case AskEdges:
		return d.Edges
	case AskCategories:
		return d.Categories
	case AskMissing:
		return d.Missing
	case AskRowCount:
		return d.RowCount
	}
	return 0
}

func (d DiscoveryConfig) validate(rowCount string) error {
	v := check.Values{Prefix: "privacy.discovery."}
	for _, q := range []Question{AskBounds, AskEdges, AskCategories, AskMissing, AskRowCount} {
		e := d.Epsilon(q)
		v.Must(e >= 0 && !math.IsInf(e, 1), string(q), e, "must be an ε > 0, or 0 to ask nothing")
	}
	v.Must(!(d.Edges > 0) || d.Bounds != 0, string(AskEdges), d.Edges, "refines bounds that are found: set privacy.discovery.bounds too")
	v.Must((d.RowCount > 0) == (rowCount == RowCountDiscovered), string(AskRowCount), d.RowCount,
		fmt.Sprintf("with privacy.row_count=%s: an ε > 0 belongs to discovered, and only to it", rowCount))
	return v.Err()
}
