package tabular

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Chooser proposes codes for a row that breaks a rule.
type Chooser interface {
	// Redraw draws the codes of columns anew, in place, given row's other cells,
	// which stay the same from call to call within a repair; false: it cannot.
	Redraw(row []uint32, columns []int) bool
	// Choose draws a code of column j out of allowed, which is not empty, given
	// row's other cells.
	Choose(row []uint32, j int, allowed CodeSet) uint32
}

const (
	// redraws is how often the columns of broken rules are drawn anew before the
	// row is mended cell by cell: drawing keeps the distribution, mending bends it.
	redraws = 64
	// changes bounds the cells that mending tries.
	changes = 1 << 12
)

// ErrRules is wrapped when a row can keep no rules without changing what is fixed.
var ErrRules = errors.New("rules contradict each other")

// Repair changes row, [J], until it keeps all rules; a row that does is left as
// it is. Columns j with fixed[j] stay; fixed may be nil.
//
// What others determine is computed. If rules are broken still, their columns
// are drawn anew up to 64 times; then cells are changed one by one, of a broken
// rule the last-named first, to what keeps most rules. Without a chooser the
// nearest code is taken. The error names the rules that cannot be kept together.
func (r *Rules) Repair(row []uint32, fixed []bool, chooser Chooser) error {
	if len(r.rules) == 0 {
		return nil
	}
	if fixed == nil {
		fixed = make([]bool, len(row))
	}
	r.derive(row, fixed)
	if r.Kept(row) {
		return nil
	}
	if chooser != nil && r.redraw(row, fixed, chooser) {
		return nil
	}
	if culprits := r.mend(row, fixed, chooser); len(culprits) > 0 {
		return fmt.Errorf("tabular: %w in a row: %s: remove or loosen one", ErrRules, r.names(culprits))
	}
	return nil
}

// mend mends row, or lists the rules in whose midst it gave up.
func (r *Rules) mend(row []uint32, fixed []bool, chooser Chooser) []int {
	s := &mending{Rules: r, row: row, fixed: slices.Clone(fixed), chooser: chooser, left: changes}
	if s.mend() {
		return nil
	}
	return s.stuck
}

// names are rules in words.
func (r *Rules) names(rules []int) string {
	var parts []string
	for _, k := range rules {
		if n := r.rules[k].number(); n >= 0 {
			parts = append(parts, fmt.Sprintf("rules[%d] (%s)", n, &r.declared[n]))
		}
	}
	return strings.Join(parts, ", ")
}

// derive computes what other columns determine.
func (r *Rules) derive(row []uint32, fixed []bool) {
	for i := range r.dependencies {
		if d := &r.dependencies[i]; d.mapped() && !fixed[d.Target] {
			row[d.Target] = d.Of(row[d.Source])
		}
	}
}

// redraw draws the columns of all rules that were found broken, until none is.
// It leaves row alone if it fails.
func (r *Rules) redraw(row []uint32, fixed []bool, chooser Chooser) bool {
	var columns []int
	next := slices.Clone(row)
	for range redraws {
		for k := range r.rules {
			if r.rules[k].broken(next) {
				for _, j := range r.rules[k].columns() {
					columns = r.include(columns, j, fixed)
				}
			}
		}
		if len(columns) == 0 {
			return false
		}
		copy(next, row)
		if !chooser.Redraw(next, columns) {
			return false
		}
		r.derive(next, fixed)
		if r.firstBroken(next) < 0 {
			copy(row, next)
			return true
		}
	}
	return false
}

// include adds column j, or what determines it, unless it is fixed.
func (r *Rules) include(columns []int, j int, fixed []bool) []int {
	if fixed[j] || slices.Contains(columns, j) {
		return columns
	}
	for i := range r.dependencies {
		if d := &r.dependencies[i]; d.Target == j {
			return r.include(columns, d.Source, fixed)
		}
	}
	return append(columns, j)
}

// mending is a depth-first search for a row that keeps all rules.
type mending struct {
	*Rules
	row     []uint32
	fixed   []bool
	chooser Chooser
	left    int   // changes
	stuck   []int // rules that no single change would mend
}

// mend changes a cell of the first broken rule to what all rules admit, or else
// to what that rule admits, and goes on from there.
func (s *mending) mend() bool {
	k := s.firstBroken(s.row)
	if k < 0 {
		return true
	}
	columns := s.rules[k].columns()
	for i := len(columns) - 1; i >= 0; i-- {
		j := columns[i]
		if s.fixed[j] {
			continue
		}
		own := s.rules[k].admits(s.row, j)
		all := own
		for other := range s.rules {
			if other != k && slices.Contains(s.rules[other].columns(), j) {
				all = all.And(s.rules[other].admits(s.row, j))
			}
		}
		if s.try(j, all) || !slices.Equal(all, own) && s.try(j, own.And(all.not(s.codec.Size(j)))) {
			return true
		}
	}
	if !slices.Contains(s.stuck, k) {
		s.stuck = append(s.stuck, k)
	}
	return false
}

// try changes column j to one of allowed and mends the rest.
func (s *mending) try(j int, allowed CodeSet) bool {
	if len(allowed) == 0 || s.left == 0 {
		return false
	}
	s.left--
	old := s.row[j]
	s.row[j] = s.choose(j, allowed)
	s.fixed[j] = true // a cell is changed once, or the search could go in circles
	found := s.mend()
	s.fixed[j] = false
	if !found {
		s.row[j] = old
	}
	return found
}

// choose asks the chooser, or takes the nearest code: missing only if it must.
func (s *mending) choose(j int, allowed CodeSet) uint32 {
	if s.chooser != nil {
		return s.chooser.Choose(s.row, j, allowed)
	}
	return s.codec.Nearest(j, s.row[j], allowed)
}

// Nearest is the code of column j in allowed, which is not empty, next to code;
// missing only if code is, or if nothing else is allowed.
func (c *Codec) Nearest(j int, code uint32, allowed CodeSet) uint32 {
	values := CodeSet{{0, c.columns[j].values}}
	if present := allowed.And(values); code < c.columns[j].values && len(present) > 0 {
		allowed = present
	}
	return allowed.nearest(code)
}

// contradictions are the rules with which no row could keep all rules, or none
// to which an implication applies. The search begins at rows of first and of
// last codes.
func (r *Rules) contradictions() (problems []error) {
	if culprits := r.unsatisfied(nil); len(culprits) > 0 {
		return []error{&RuleError{Rule: r.rules[culprits[0]].number(), Entry: -1,
			Reason: "no row can keep all rules: remove or loosen one of " + r.names(culprits)}}
	}
	for k := range r.rules {
		place := r.rules[k].number()
		d := &r.declared[place]
		if len(d.If) == 0 {
			continue
		}
		when, _ := r.clauses("if", d.If, nil) // compiled before without a fault
		if culprits := r.unsatisfied(when); len(culprits) > 0 {
			problems = append(problems, &RuleError{Rule: place, Key: "if", Entry: -1,
				Reason: fmt.Sprintf("no row where %s can keep all rules: remove or loosen one of %s", d.If.text(), r.names(culprits))})
		}
	}
	return problems
}

// unsatisfied looks for a row that keeps all rules and where clauses hold, and
// lists the rules in whose midst it gave up.
func (r *Rules) unsatisfied(clauses []clause) (culprits []int) {
	with := *r
	with.rules = slices.Clone(r.rules)
	for _, c := range clauses {
		n := &never{rule: -1, sizes: map[int]uint32{}}
		n.forbid(r.codec, []clause{{c.column, c.codes.not(r.codec.Size(c.column))}})
		with.rules = append(with.rules, n)
	}
	for _, last := range []bool{false, true} {
		row := make([]uint32, len(r.codec.columns))
		for j := range row {
			if last {
				row[j] = r.codec.Size(j) - 1
			}
		}
		if culprits = with.mend(row, make([]bool, len(row)), nil); len(culprits) == 0 {
			return nil
		}
	}
	slices.Sort(culprits)
	return slices.DeleteFunc(culprits, func(k int) bool { return with.rules[k].number() < 0 })
}
