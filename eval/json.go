package eval

import (
	"bytes"
	"encoding/json"
	"slices"
)

// MarshalJSON writes one object: the scores of the first synthetic table and of
// models trained on train under the keys of the metrics, the floors, and
// everything about every table.
func (r *Result) MarshalJSON() ([]byte, error) {
	var first Scores
	if len(r.Tables) > 0 {
		first = r.Tables[0].Scores
	}
	head, err := json.Marshal(slices.Concat(first, r.Real))
	if err != nil {
		return nil, err
	}
	bins := map[string][]string{}
	for _, m := range r.Marginals {
		if m.Number {
			bins[m.Name] = m.Labels
		}
	}
	rest, err := json.Marshal(map[string]any{
		"not_private": notPrivate,
		"rows":        map[string]int{"train": r.TrainRows, "holdout": r.HoldoutRows},
		"target":      r.Target, "seed": r.Seed, "notes": r.Notes,
		// So that others can compute the same: the lowest value of each public bin
		// of a number, and the triples behind tvd3.
		"bins": bins, "triples": r.Triples,
		"rules":  map[string][]Violation{"train": r.TrainViolations, "holdout": r.HoldoutViolations},
		"floors": map[string]Scores{"bootstrap": r.Bootstrap, "holdout": r.Holdout},
		"tables": r.Tables,
	})
	if err != nil {
		return nil, err
	}
	if len(head) == len("{}") {
		return rest, nil
	}
	return bytes.Join([][]byte{head[:len(head)-1], rest[1:]}, []byte{','}), nil
}

// MarshalJSON writes the numbers of a table; its plots are left to the report.
func (t TableResult) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{
		"name": t.Name, "rows": t.Rows, "baseline": t.Baseline, "metrics": t.Scores, "columns": t.Columns,
		"pairs": t.Pairs, "slices": t.Slices, "attacks": t.Attacks, "notes": t.Notes, "rules": t.Violations,
	})
}

// MarshalJSON writes NaN, as the rate of an attack without one, as null.
func (a Attack) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{
		"key": a.Key, "title": a.Title, "value": Number(a.Value), "interval": []Number{Number(a.Low), Number(a.High)},
		"safe": a.Safe, "rate": Number(a.Rate), "control": Number(a.Control), "trials": a.Trials,
		"leaks": a.Leaks, "verdict": a.Verdict, "note": a.Note,
	})
}

// MarshalJSON writes a measure that a small group lacks as null.
func (s Slice) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{
		"group": s.Group, "rows": s.Rows, "real": Number(s.Real), "synthetic": Number(s.Synthetic),
		"rate": s.Rate, "real_rate": s.RealRate, "synthetic_rate": s.SyntheticRate,
	})
}
