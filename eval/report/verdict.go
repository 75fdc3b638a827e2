package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/dpgan/dpgan/eval"
)

// verdict is what the owner of the data reads first.
type verdict struct {
	Safe, Useful, Faithful grade
	NotFor                 []string
}

// grade is a word and the reason for it. Level is good, fair or poor, or none.
type grade struct{ Level, Word, Why string }

// Bounds of the grades: of what a model loses by learning from synthetic rows,
// and of the classifier that tells them apart.
const (
	usefulGood, usefulFair     = .01, .05
	faithfulGood, faithfulFair = .60, .75
)

// judge words the results of one table.
func judge(r *eval.Result, t *eval.TableResult) verdict {
	return verdict{Safe: judgeSafe(t), Useful: judgeUseful(r, t), Faithful: judgeFaithful(r, t), NotFor: notFor(r, t)}
}

func judgeSafe(t *eval.TableResult) grade {
	var leaks, measured []string
	for _, a := range t.Attacks {
		if a.Trials > 0 {
			measured = append(measured, a.Title)
		}
		if a.Leaks {
			leaks = append(leaks, strings.ToLower(a.Title))
		}
	}
	switch {
	case len(leaks) > 0:
		return grade{"poor", "Not safe", fmt.Sprintf("%d of %d attacks learn about the very rows it was made from: %s.", len(leaks),
			len(measured), listed(leaks, 3))}
	case len(measured) == 0:
		return grade{"none", "Not measured", "The tables are too small for any attack."}
	}
	return grade{"good", "No leak found", fmt.Sprintf("None of %d attacks learns more about rows it was made from than about others. "+
		"This is evidence, not proof: proof is the privacy statement.", len(measured))}
}

func judgeUseful(r *eval.Result, t *eval.TableResult) grade {
	for _, key := range []string{"gbt", "gbt_r2"} {
		synthetic, ok := t.Scores.Get("tstr_" + key)
		real, known := r.Real.Get("trtr_" + key)
		if !ok || !known || math.IsNaN(synthetic.Value) || math.IsNaN(real.Value) {
			continue
		}
		measure := "AUC"
		if key == "gbt_r2" {
			measure = "R²"
		}
		why := fmt.Sprintf("A model of %s trained on it reaches %s %.3f on real rows; trained on real rows %.3f.", r.Target, measure,
			synthetic.Value, real.Value)
		switch lost := real.Value - synthetic.Value; {
		case lost <= usefulGood:
			return grade{"good", "As useful as real rows", why}
		case lost <= usefulFair:
			return grade{"fair", "Useful", why}
		}
		return grade{"poor", "Of little use for models", why}
	}
	return grade{"none", "Not measured", "No target to predict, or none that varies."}
}

func judgeFaithful(r *eval.Result, t *eval.TableResult) grade {
	c2st, _ := t.Scores.Get("c2st")
	tvd, _ := t.Scores.Get("tvd2")
	floor, _ := r.Bootstrap.Get("tvd2")
	pairs := ""
	if !math.IsNaN(tvd.Value) {
		pairs = fmt.Sprintf(" Pairs of columns are %.3f off on average (a resample of train: %.3f).", tvd.Value, floor.Value)
	}
	if math.IsNaN(c2st.Value) {
		return grade{"none", "Not measured", "Too few rows to train a classifier on." + pairs}
	}
	why := fmt.Sprintf("A classifier tells its rows from real ones with AUC %.3f (0.5: cannot; 1: always).%s", c2st.Value, pairs)
	switch {
	case c2st.Value <= faithfulGood:
		return grade{"good", "Faithful", why}
	case c2st.Value <= faithfulFair:
		return grade{"fair", "Roughly faithful", why}
	}
	return grade{"poor", "Easily told from real", why}
}

// notFor lists what the table should not be used for.
func notFor(r *eval.Result, t *eval.TableResult) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	add("Decisions about single persons: its rows are nobody's.")
	if s, _ := t.Scores.Get("rare_recall"); s.Value < .9 {
		add("Rare categories: of those below 1 %% of the rows, %.0f %% occur.", 100*s.Value)
	}
	var poor []string
	floor, _ := r.Bootstrap.Get("tvd1_max")
	for _, c := range t.Columns {
		if float64(c.TVD) > max(.05, 3*floor.Value) {
			poor = append(poor, c.Name)
		}
	}
	if len(poor) > 0 {
		add("Counts of %s, whose distribution is more than 5 %% off.", listed(poor, 6))
	}
	if s, ok := t.Scores.Get("tvd3"); ok && s.Value > .1 {
		add("Tables of three and more columns: %.0f %% of the mass is elsewhere.", 100*s.Value)
	}
	if s, ok := t.Scores.Get("violations"); ok && s.Value > 0 {
		add("Software that relies on the rules: %.2f %% of its rows break one.", 100*s.Value)
	}
	return out
}

// listed names the first few of names and counts the others.
func listed(names []string, most int) string {
	if len(names) > most+1 {
		names = append(names[:most:most], fmt.Sprintf("%d more", len(names)-most))
	}
	return strings.Join(names, ", ")
}
