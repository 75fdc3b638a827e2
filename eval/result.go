package eval

import (
	"context"
	"fmt"

	"github.com/dpgan/dpgan/internal/parallel"
	"gorgonia.org/tensor"
)

// Result is a whole evaluation.
type Result struct {
	Seed                   uint64
	TrainRows, HoldoutRows int
	Target, Group          string
	Rules                  int
	Notes                  []string
	Names                  []string // of the columns
	Marginals              []Marginal
	Triples                [][]string    // of columns, behind tvd3
	Associations           *tensor.Dense // of train, [J, J]
	// TrainViolations and HoldoutViolations are, by rule, what real rows break.
	TrainViolations, HoldoutViolations []Violation
	// Real are the scores of models trained on train, and their predictions.
	Real        Scores
	Predictions []Prediction
	// Bootstrap and Holdout are the floors: the scores of a bootstrap of train
	// and of the holdout in the place of a synthetic table.
	Bootstrap, Holdout Scores
	Tables             []TableResult

	binned binned // train
}

// TableResult is what was found about one synthetic table.
type TableResult struct {
	Name         string
	Rows         int
	Baseline     bool
	Scores       Scores
	Columns      []Column // in the order of the schema
	Pairs        []Pairing
	Shares       [][]float64 // of the public bins, by column
	Associations *tensor.Dense
	Predictions  []Prediction
	Slices       []Slice
	Attacks      []Attack
	Violations   []Violation // by rule
	Notes        []string
}

// Pairing is the distance of the joint distribution of two columns.
type Pairing struct {
	A   string  `json:"a"`
	B   string  `json:"b"`
	TVD float64 `json:"tvd"`
}

// Marginal is a column of train on its public bins.
type Marginal struct {
	Name   string
	Number bool
	// Ordered tells that the bins have an order: numbers and ordinals.
	Ordered bool
	Labels  []string  // of the bins: a value, or the lowest value of the bin
	Last    string    // the highest value of the last bin of a number
	Shares  []float64 // of the rows of train
}

// keptPairs bounds the pairs in a result.
const keptPairs = 30

// floors fills what concerns real data only.
func (e *evaluation) floors(ctx context.Context, r *Result) error {
	o := &e.options
	r.binned = bin(o.Train, e.columns)
	for j := range e.columns {
		c := &e.columns[j]
		r.Names = append(r.Names, c.name)
		m := Marginal{Name: c.name, Number: c.number, Ordered: c.ordered, Shares: shares(c, r.binned[j])}
		for _, code := range c.edges[:c.bins()] {
			m.Labels = append(m.Labels, e.label(j, code))
		}
		if c.number {
			last := c.size - 1
			if c.nullable && last > 0 {
				last--
			}
			m.Last = e.label(j, last)
		}
		r.Marginals = append(r.Marginals, m)
	}
	for _, set := range subsets(len(e.columns), 3, triples, o.Seed, subsetsPart) {
		r.Triples = append(r.Triples, []string{r.Names[set[0]], r.Names[set[1]], r.Names[set[2]]})
	}
	var err error
	if r.Associations, err = associations(ctx, e.columns, o.Train); err != nil {
		return err
	}
	r.TrainViolations, _ = violations(o.Rules, o.Train)
	bootstrap := o.Train.bootstrap(o.Seed)
	for _, floor := range []struct {
		table  *Table
		scores *Scores
		broken *[]Violation
	}{{bootstrap, &r.Bootstrap, new([]Violation)}, {o.Holdout, &r.Holdout, &r.HoldoutViolations}} {
		f, err := e.measure(ctx, r.binned, r.Associations, floor.table)
		if err != nil {
			return err
		}
		*floor.scores, *floor.broken = f.scores, f.violations
	}
	score, err := e.classifierTest(ctx, "c2st", bootstrap, e.onBins)
	if err != nil {
		return err
	}
	r.Bootstrap = append(r.Bootstrap, score)
	if e.target != nil {
		r.Real, r.Predictions, err = e.usefulness(ctx, "trtr", o.Train)
	}
	return err
}

// label is a code as a reader knows it.
func (e *evaluation) label(j int, code uint32) string {
	if e.columns[j].missing(code) {
		return "missing"
	}
	return string(e.options.Train.codec.AppendCell(nil, j, code))
}

func shares(c *column, bins []uint32) []float64 {
	out := make([]float64, c.bins())
	for _, b := range bins {
		out[b] += 1 / float64(len(bins))
	}
	return out
}

// evaluate fills what concerns one synthetic table.
func (e *evaluation) evaluate(ctx context.Context, r *Result, s Named) (*TableResult, error) {
	t := &TableResult{Name: s.Name, Rows: s.Table.rows}
	f, err := e.measure(ctx, r.binned, r.Associations, s.Table)
	if err != nil {
		return nil, err
	}
	t.Scores, t.Associations, t.Violations = f.scores, f.associations, f.violations
	b := bin(s.Table, e.columns)
	t.Columns = make([]Column, len(e.columns))
	t.Shares = make([][]float64, len(e.columns))
	if err := parallel.Until(ctx, len(e.columns), func(j int) {
		t.Columns[j] = compareColumn(e.columns, j, e.options.Train, s.Table)
		t.Columns[j].TVD = Number(f.columns[j].distance)
		t.Shares[j] = shares(&e.columns[j], b[j])
	}); err != nil {
		return nil, err
	}
	for _, p := range f.pairs[:min(len(f.pairs), keptPairs)] {
		t.Pairs = append(t.Pairs, Pairing{e.columns[p.columns[0]].name, e.columns[p.columns[1]].name, p.distance})
	}
	if err := e.useAndTell(ctx, r, t, s.Table); err != nil {
		return nil, err
	}
	found, scores, err := e.attack(ctx, s.Table)
	if err != nil {
		return nil, err
	}
	t.Attacks = found
	t.Scores = append(t.Scores, scores...)
	if s.Table.rows*2 < e.options.Train.rows {
		t.Notes = append(t.Notes, fmt.Sprintf("%d rows are fewer than half of train's %d: "+
			"distances hold more sampling noise than the floors", s.Table.rows, e.options.Train.rows))
	}
	return t, nil
}

// useAndTell trains models on a synthetic table, and others that tell it apart.
func (e *evaluation) useAndTell(ctx context.Context, r *Result, t *TableResult, table *Table) error {
	if e.target != nil {
		scores, predictions, err := e.usefulness(ctx, "tstr", table)
		if err != nil {
			return err
		}
		t.Scores, t.Predictions = append(t.Scores, scores...), predictions
		if !varies(table.columns[e.target.column]) {
			t.Notes = append(t.Notes, fmt.Sprintf("has one value of the target %q only: models trained on it guess blindly", e.options.Target))
		}
		if e.group >= 0 {
			t.Slices = e.slice(r.Predictions, predictions)
		}
	}
	c2st, err := e.classifierTest(ctx, "c2st", table, e.onBins)
	if err != nil {
		return err
	}
	exact, err := e.classifierTest(ctx, "c2st_exact", table, e.onCells)
	t.Scores = append(t.Scores, c2st, exact)
	return err
}
