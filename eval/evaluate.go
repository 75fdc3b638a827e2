package eval

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dpgan/dpgan/tabular"
)

// Named is a synthetic table under the name that reports give it.
type Named struct {
	Name  string
	Table *Table
}

// Rule is a constraint that every row should keep.
type Rule struct {
	Name string
	// Broken judges one row of codes, [J].
	Broken func(row []uint32) bool
}

// Options are what to evaluate, and how.
type Options struct {
	Train, Holdout *Table // of the same codec
	Synthetic      []Named
	Target         string // column to predict; "": no TSTR
	Group          string // column by whose groups TSTR is shown apart; "": none
	Rules          []Rule
	Baseline       bool // add independent columns and a bootstrap of train
	Seed           uint64
	// Progress, if not nil, is called after each of total parts of the work.
	Progress func(done, total int)
}

// evaluation is the state of one run.
type evaluation struct {
	options Options
	columns []column
	target  *target // nil without one
	group   int     // −1 without one
	judged  *Table  // the holdout rows whose target is known
	rarest  int     // class
	done    int
	total   int
}

// Evaluate computes everything. It fails on tables of different schemas, a
// target or group that does not exist, and if ctx ends.
func Evaluate(ctx context.Context, options Options) (*Result, error) {
	e, err := newEvaluation(options)
	if err != nil {
		return nil, err
	}
	r := &Result{Seed: options.Seed, TrainRows: options.Train.rows, HoldoutRows: options.Holdout.rows,
		Target: options.Target, Group: options.Group, Rules: len(options.Rules)}
	e.limitTarget(r)
	if err := e.floors(ctx, r); err != nil {
		return nil, err
	}
	for _, s := range e.compared() {
		t, err := e.evaluate(ctx, r, s.Named)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
		t.Baseline = s.baseline
		r.Tables = append(r.Tables, *t)
	}
	return r, nil
}

// Validate says what Evaluate would refuse.
func (o *Options) Validate() error {
	_, err := newEvaluation(*o)
	return err
}

func newEvaluation(options Options) (*evaluation, error) {
	tables := []*Table{options.Train, options.Holdout}
	for _, s := range options.Synthetic {
		tables = append(tables, s.Table)
	}
	if len(tables) == 2 {
		return nil, errors.New("eval: synthetic=[]: name at least one synthetic table")
	}
	for _, t := range tables {
		if t == nil || t.rows == 0 {
			return nil, errors.New("eval: a table has no rows: want at least one in each")
		}
		if t.codec != options.Train.codec && !sameCodec(t.codec, options.Train.codec) {
			return nil, errors.New("eval: the tables have different schemas: read all of them with one codec")
		}
	}
	e := &evaluation{options: options, columns: describe(options.Train.codec), group: -1}
	var err error
	if e.target, err = findTarget(e.columns, options.Target); err != nil {
		return nil, err
	}
	if options.Group != "" {
		e.group = slices.IndexFunc(e.columns, func(c column) bool { return c.name == options.Group })
		if e.group < 0 {
			return nil, fmt.Errorf("eval: group=%q: not a learned column of the schema", options.Group)
		}
		if e.target == nil || e.target.column == e.group {
			return nil, fmt.Errorf("eval: group=%q: needs a data.target that is another column", options.Group)
		}
	}
	return e, nil
}

func sameCodec(a, b *tabular.Codec) bool {
	x, err := a.MarshalJSON()
	y, problem := b.MarshalJSON()
	return err == nil && problem == nil && string(x) == string(y)
}

// limitTarget drops a target from which nothing can be learned, and says so.
func (e *evaluation) limitTarget(r *Result) {
	defer e.countSteps()
	if e.target == nil {
		r.Notes = append(r.Notes, "no data.target is declared, so no model was trained on the rows (no TSTR)")
		return
	}
	train := e.target.known(e.options.Train, e.columns)
	e.judged = e.target.known(e.options.Holdout, e.columns)
	for _, t := range []struct {
		name  string
		table *Table
	}{{"train", train}, {"the holdout", e.judged}} {
		if varies(t.table.columns[e.target.column]) {
			continue
		}
		r.Notes = append(r.Notes, fmt.Sprintf("%s has one value of the target %q only, "+
			"so no model was trained on the rows (no TSTR)", t.name, e.options.Target))
		e.target, e.group = nil, -1
		return
	}
	if e.target.classes > 0 {
		e.rarest = rarest(e.target, e.judged)
	}
}

func varies(codes []uint32) bool {
	return slices.ContainsFunc(codes, func(code uint32) bool { return code != codes[0] })
}

// countSteps counts the steps of progress: of the floors two comparisons and a
// contest; of a table a comparison, two contests and the attacks; of both the
// models of the target.
func (e *evaluation) countSteps() {
	models := 0
	if e.target != nil {
		models = len(learners)
	}
	tables := len(e.options.Synthetic)
	if e.options.Baseline {
		tables += 2
	}
	e.total = 3 + models + tables*(3+attackKinds+models)
}

// progress marks one part as done.
func (e *evaluation) progress() {
	e.done++
	if e.options.Progress != nil {
		e.options.Progress(min(e.done, e.total), e.total)
	}
}

// compared are the synthetic tables and the yardsticks.
func (e *evaluation) compared() []struct {
	Named
	baseline bool
} {
	type entry = struct {
		Named
		baseline bool
	}
	var out []entry
	for _, s := range e.options.Synthetic {
		out = append(out, entry{s, false})
	}
	if e.options.Baseline {
		out = append(out,
			entry{Named{"bootstrap of train", e.options.Train.bootstrap(e.options.Seed + 1)}, true},
			entry{Named{"independent columns", e.options.Train.independent(e.options.Seed)}, true})
	}
	return out
}
