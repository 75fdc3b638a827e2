package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/dpgan/dpgan/eval"
)

// metricRow is one metric with its floors.
type metricRow struct {
	Key, Meaning, Ideal      string
	Values                   []string // by table
	Real, Bootstrap, Holdout string
}

// meanings of the metrics, in the order of the report.
var meanings = []struct{ key, meaning, ideal string }{
	{"tvd1", "distance of single columns, mean", "0"},
	{"tvd1_max", "… of the worst column", "0"},
	{"tvd2", "distance of pairs of columns, mean", "0"},
	{"tvd2_max", "… of the worst pair", "0"},
	{"tvd3", "distance of triples of columns, mean of 100", "0"},
	{"association_error", "mean error of associations between columns", "0"},
	{"coverage", "share of categories (≥ 0.1 %) that occur", "1"},
	{"rare_recall", "share of rare categories (< 1 %) that occur", "1"},
	{"violations", "share of rows that break a rule", "0"},
	{"c2st", "AUC of telling it from the holdout, on bins", "0.5"},
	{"c2st_exact", "… on exact values", "0.5"},
	{"tstr_lr", "AUC of logistic regression trained on it", "as real"},
	{"tstr_gbt", "AUC of boosted trees trained on it, on bins", "as real"},
	{"tstr_gbt_exact", "… on exact values", "as real"},
	{"tstr_gbt_f1", "F1 of boosted trees", "as real"},
	{"tstr_gbt_positive_rate_error", "error of the predicted share of positives", "0"},
	{"tstr_lr_r2", "R² of ridge regression trained on it", "as real"},
	{"tstr_gbt_r2", "R² of boosted trees trained on it, on bins", "as real"},
	{"tstr_gbt_exact_r2", "… on exact values", "as real"},
	{"identical_share", "share of rows that equal a row of train", "as holdout"},
	{"nndr", "nearest-neighbour distance ratio against train", "as holdout"},
}

// metrics are those that some table has.
func metrics(r *eval.Result) []metricRow {
	var out []metricRow
	for _, m := range meanings {
		row := metricRow{Key: m.key, Meaning: m.meaning, Ideal: m.ideal}
		found := false
		for _, t := range r.Tables {
			s, ok := t.Scores.Get(m.key)
			found = found || ok && !math.IsNaN(s.Value)
			row.Values = append(row.Values, value(s, ok))
		}
		if !found {
			continue
		}
		row.Real = floor(r.Real, "trtr"+strings.TrimPrefix(m.key, "tstr"))
		row.Bootstrap, row.Holdout = floor(r.Bootstrap, m.key), floor(r.Holdout, m.key)
		out = append(out, row)
	}
	return out
}

func floor(s eval.Scores, key string) string {
	x, ok := s.Get(key)
	return value(x, ok)
}

func value(s eval.Score, ok bool) string {
	switch {
	case !ok || math.IsNaN(s.Value):
		return "–"
	case math.IsNaN(s.Low):
		return fmt.Sprintf("%.4f", s.Value)
	}
	return fmt.Sprintf("%.4f ± %.4f", s.Value, (s.High-s.Low)/2)
}
