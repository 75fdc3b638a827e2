package eval

import (
	"fmt"
	"math"
	"strings"
)

// notPrivate is what every result says of itself.
const notPrivate = "computed from real rows, covered by no epsilon: for the owner of the data"

// Text is the result for a terminal: one block a table, a line a metric with
// its floor, and the attacks.
func (r *Result) Text() string {
	var b strings.Builder
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "note     %s\n", note)
	}
	for _, t := range r.Tables {
		fmt.Fprintf(&b, "\n%s, %d rows\n", t.Name, t.Rows)
		for _, s := range t.Scores {
			if isAttack(t.Attacks, s.Key) {
				continue
			}
			fmt.Fprintf(&b, "  %-38s %8s%s\n", s.Key, round(s.Value), r.beside(s.Key))
		}
		b.WriteString(r.rulesText(&t))
		for _, a := range t.Attacks {
			fmt.Fprintf(&b, "  %-38s %8s   %s (95 %%: %s to %s; %s is safe)\n", a.Key, round(a.Value), a.Verdict, round(a.Low),
				round(a.High), round(a.Safe))
		}
		for _, note := range t.Notes {
			fmt.Fprintf(&b, "  note: %s\n", note)
		}
	}
	fmt.Fprintf(&b, "\nnot private: %s\n", notPrivate)
	return strings.TrimLeft(b.String(), "\n")
}

func isAttack(attacks []Attack, key string) bool {
	for _, a := range attacks {
		if a.Key == key {
			return true
		}
	}
	return false
}

// beside is what real rows reach on the metric of a key.
func (r *Result) beside(key string) string {
	var b strings.Builder
	if s, ok := r.Real.Get("trtr" + strings.TrimPrefix(key, "tstr")); ok && strings.HasPrefix(key, "tstr") {
		fmt.Fprintf(&b, "   trained on real rows %s", round(s.Value))
	}
	if s, ok := r.Bootstrap.Get(key); ok {
		fmt.Fprintf(&b, "   bootstrap of train %s", round(s.Value))
	}
	if s, ok := r.Holdout.Get(key); ok {
		fmt.Fprintf(&b, "   holdout %s", round(s.Value))
	}
	return b.String()
}

func round(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return fmt.Sprintf("%.4f", v)
}
