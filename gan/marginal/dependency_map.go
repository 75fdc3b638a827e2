package marginal

import (
	"fmt"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/tabular"
	"gonum.org/v1/gonum/stat/distuv"
)

// A rule may say that a column is a function of another and leave open which. Then
// one noisy table of the two is bought, of all their values, and each value of the
// source gets the value of the target beside which it was counted most often.

// FoundRule is a rule that was completed by what noisy tables say. It is a
// release like them, not knowledge from before.
type FoundRule struct {
	Rule string `json:"rule"`
	From string `json:"from"`
	// Values is how many values, or bins, of the source there are, Unclear the number
	// of those whose counts do not stand out of the noise. They got what is most
	// plausible.
	Values  int `json:"values"`
	Unclear int `json:"unclear"`
}

// fromNoisyTable is where the map of a declared dependency comes from.
const fromNoisyTable = "declared; its map was read from a noisy table"

// DependencyMap is the map of the declared rule Place, read from a noisy table, or a
// dependency of Target on Source that nobody declared: then Place is -1.
type DependencyMap struct {
	Place   int           `json:"place"`
	Source  string        `json:"source,omitempty"`
	Target  string        `json:"target,omitempty"`
	Map     tabular.Terms `json:"map"`
	Unclear int           `json:"unclear"`
}

// measureMaps pays, as r, for the tables of the dependencies that have no map, and reads
// the maps.
func measureMaps(gate *dpsgd.Gate, domain *tabular.Domain, r dpsgd.Release) ([]DependencyMap, error) {
	codec, rules := domain.Measured(), domain.Rules
	wanted := rules.Unmapped()
	if len(wanted) == 0 {
		return nil, nil
	}
	cells := make([]dpsgd.Cells, len(codec.Learned()))
	for j := range cells {
		cells[j] = dpsgd.EachBin(codec.FineEdges(j))
	}
	var tables [][]int
	for _, d := range wanted {
		tables = append(tables, []int{d.Source, d.Target})
	}
	counts, err := gate.Tables(cells, tables, r)
	if err != nil {
		return nil, err
	}
	var out []DependencyMap
	for k, d := range wanted {
		values, unclear := readMap(counts[k], cells[d.Target].Count, r.Noise, codec.Ordered(d.Source))
		out = append(out, DependencyMap{Place: d.RuleNumber(), Map: rules.Map(d.Source, d.Target, cells[d.Source].Edges, values), Unclear: unclear})
	}
	return out, nil
}

// blurred is the probability with which the largest count of a value of the source
// that does not occur stands out.
const blurred = 0.05

// readMap is, for each row of counts [bins, targets], the target with the largest
// count, and the number of rows in which it does not stand out: it is below what
// the largest of as many counts of noise alone would reach with a probability of
// blurred. If the source is ordered, such a row takes the target of its nearest
// neighbours that do stand out, if those agree.
func readMap(counts []float64, targets int, noise float64, ordered bool) (values []uint32, unclear int) {
	bar := noise * distuv.UnitNormal.Quantile(1-blurred/float64(targets))
	bins := len(counts) / targets
	clear := make([]bool, bins)
	for b := range bins {
		row, best := counts[b*targets:(b+1)*targets], 0
		for k, n := range row {
			if n > row[best] {
				best = k
			}
		}
		values = append(values, uint32(best))
		if clear[b] = row[best] >= bar; !clear[b] {
			unclear++
		}
	}
	if !ordered {
		return values, unclear
	}
	next := make([]int, bins) // the nearest clear row from b on
	for b, after := bins-1, -1; b >= 0; b-- {
		if clear[b] {
			after = b
		}
		next[b] = after
	}
	for b, before := 0, -1; b < bins; b++ {
		switch after := next[b]; {
		case clear[b]:
			before = b
		case before < 0 && after < 0:
		case before < 0:
			values[b] = values[after]
		case after < 0 || values[before] == values[after]:
			values[b] = values[before]
		}
	}
	return values, unclear
}

// CompleteRules is the declared rules with the maps that were found, and what they are
// to be called.
func CompleteRules(rules *tabular.Rules, found []DependencyMap) (declared []tabular.Rule, named []FoundRule, err error) {
	declared = rules.Declared()
	for _, f := range found {
		if f.Place == -1 {
			declared = append(declared, tabular.Rule{Dependency: f.Source, Determines: f.Target, Map: f.Map})
			named = append(named, FoundRule{declared[len(declared)-1].String(), fromTables, len(f.Map), f.Unclear})
			continue
		}
		if f.Place < 0 || f.Place >= len(declared) || len(declared[f.Place].Map) > 0 {
			return nil, nil, fmt.Errorf("gan: rules[%d]: a map was found of another dependency: resume with the rules that the run began with", f.Place)
		}
		named = append(named, FoundRule{Rule: declared[f.Place].String(), From: fromNoisyTable, Values: len(f.Map), Unclear: f.Unclear})
		declared[f.Place].Map = f.Map
	}
	return declared, named, nil
}
