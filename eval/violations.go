package eval

import (
	"fmt"
	"math"
	"strings"
)

// Violation is how many rows of a table break a rule.
type Violation struct {
	Rule  string  `json:"rule"`
	Rows  int     `json:"rows"`
	Share float64 `json:"share"`
}

// violations counts the rows that break each rule, and the share of those that
// break any; NaN without rules.
func violations(rules []Rule, t *Table) ([]Violation, float64) {
	if len(rules) == 0 {
		return nil, math.NaN()
	}
	out := make([]Violation, len(rules))
	broke := 0
	row := make([]uint32, len(t.columns))
	for i := range t.rows {
		for j := range row {
			row[j] = t.columns[j][i]
		}
		broken := false
		for k := range rules {
			if rules[k].Broken(row) {
				out[k].Rows++
				broken = true
			}
		}
		if broken {
			broke++
		}
	}
	for k := range out {
		out[k].Rule, out[k].Share = rules[k].Name, float64(out[k].Rows)/float64(t.rows)
	}
	return out, float64(broke) / float64(t.rows)
}

// rulesText is a line a rule: the rows of t that break it beside those of the
// real tables.
func (r *Result) rulesText(t *TableResult) string {
	var b strings.Builder
	for k, v := range t.Violations {
		fmt.Fprintf(&b, "  rule: %-32s %8d rows break it   train %d   holdout %d\n", v.Rule, v.Rows, r.TrainViolations[k].Rows,
			r.HoldoutViolations[k].Rows)
	}
	return b.String()
}
