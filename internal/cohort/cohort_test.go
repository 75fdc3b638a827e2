package cohort

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"
	"time"
)

// table is a simulated table by column name, header apart.
type table struct {
	rows  [][]string
	index map[string]int
}

func simulate(t *testing.T, rows int, seed uint64) table {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, rows, seed); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	index := map[string]int{}
	for j, name := range records[0] {
		index[name] = j
	}
	return table{records[1:], index}
}

func (tb table) cell(i int, column string) string { return tb.rows[i][tb.index[column]] }

// share is the fraction of rows for which the predicate holds.
func (tb table) share(holds func(i int) bool) float64 {
	n := 0
	for i := range tb.rows {
		if holds(i) {
			n++
		}
	}
	return float64(n) / float64(len(tb.rows))
}

// number reads a cell, booleans as 0 and 1 and ordered
// names by rank; ok is false where the cell is empty.
func (tb table) number(i int, column string) (x float64, ok bool) {
	text := tb.cell(i, column)
	for _, names := range [][]string{{"false", "true"}, severities[:], outcomes[:]} {
		if k := slices.Index(names, text); k >= 0 {
			return float64(k), true
		}
	}
	x, err := strconv.ParseFloat(text, 64)
	return x, err == nil
}

// correlation is Pearson's over the rows that record both columns.
func (tb table) correlation(a, b string) float64 {
	var n, sx, sy, sxx, syy, sxy float64
	for i := range tb.rows {
		x, okX := tb.number(i, a)
		y, okY := tb.number(i, b)
		if !okX || !okY {
			continue
		}
		n, sx, sy = n+1, sx+x, sy+y
		sxx, syy, sxy = sxx+x*x, syy+y*y, sxy+x*y
	}
	return (n*sxy - sx*sy) / math.Sqrt((n*sxx-sx*sx)*(n*syy-sy*sy))
}

// No row of any seed breaks a rule that the schema may declare.
func TestRulesHoldInEveryRow(t *testing.T) {
	for seed := range uint64(3) {
		tb := simulate(t, Rows, seed)
		ids := map[string]bool{}
		for i := range tb.rows {
			if err := checkRow(tb, i); err != nil {
				t.Fatalf("seed %d, row %d: %v: %v", seed, i, err, tb.rows[i])
			}
			ids[tb.cell(i, "patient_id")] = true
		}
		if len(ids) != Rows {
			t.Errorf("seed %d: %d distinct ids in %d rows", seed, len(ids), Rows)
		}
	}
}

func checkRow(tb table, i int) error {
	for _, c := range []struct {
		column   string
		lo, hi   float64
		nullable bool
	}{
		{"age", 18, 100, false}, {"bmi", 14, 60, true}, {"hba1c", 4, 15, true}, {"systolic_bp", 80, 230, true},
		{"pregnancies", 0, 12, true}, {"cost", 0, 1e6, true}, {"smoker", 0, 1, true}, {"diabetes", 0, 1, false},
		{"severity", 0, 3, false}, {"outcome", 0, 2, false},
	} {
		x, ok := tb.number(i, c.column)
		if empty := tb.cell(i, c.column) == ""; empty && c.nullable {
			continue
		}
		if !ok || x < c.lo || x > c.hi {
			return fmt.Errorf("%s=%q: outside [%v, %v]", c.column, tb.cell(i, c.column), c.lo, c.hi)
		}
	}
	female := tb.cell(i, "sex") == "F"
	if !female && tb.cell(i, "sex") != "M" {
		return errors.New("sex is neither F nor M")
	}
	if female != (tb.cell(i, "pregnancies") != "") {
		return errors.New("pregnancies must be present if and only if sex is F")
	}
	age, _ := tb.number(i, "age")
	if tb.cell(i, "ward") == "obstetrics" && (!female || age >= 50) {
		return errors.New("obstetrics takes only women under 50")
	}
	if !slices.Contains(wards[:], tb.cell(i, "ward")) {
		return errors.New("unknown ward")
	}
	admission, err := time.Parse(time.DateOnly, tb.cell(i, "admission"))
	if err != nil {
		return err
	}
	discharge, err := time.Parse(time.DateOnly, tb.cell(i, "discharge"))
	if err != nil {
		return err
	}
	if discharge.Before(admission) || discharge.Sub(admission) > 60*24*time.Hour {
		return errors.New("discharge is not 0 to 60 days after admission")
	}
	if admission.Year() < 2022 || admission.Year() > 2024 {
		return errors.New("admission is outside 2022 to 2024")
	}
	return nil
}

// Shares at 30,000 rows have a standard error below .003; the intervals are the
// design's statement about the table and lie at least five of them away.
func TestMarginals(t *testing.T) {
	tb := simulate(t, Rows, 1)
	is := func(column, value string) func(int) bool {
		return func(i int) bool { return tb.cell(i, column) == value }
	}
	for _, c := range []struct {
		name   string
		holds  func(int) bool
		lo, hi float64
	}{
		{"women", is("sex", "F"), .51, .55},
		{"deaths are the rare class", is("outcome", "died"), .01, .02},
		{"transfers", is("outcome", "transfer"), .07, .15},
		{"diabetics", is("diabetes", "true"), .10, .18},
		{"smokers", is("smoker", "true"), .18, .27},
		{"spike of pressure at 120", is("systolic_bp", "120"), .08, .16},
		{"spike of cost at 0", is("cost", "0.00"), .05, .09},
		{"smoker missing", is("smoker", ""), .02, .04},
		{"bmi missing", is("bmi", ""), .03, .05},
		{"systolic_bp missing", is("systolic_bp", ""), .004, .016},
		{"cost missing", is("cost", ""), .01, .03},
		{"critical", is("severity", "critical"), .03, .08},
		{"day cases", func(i int) bool { return tb.cell(i, "admission") == tb.cell(i, "discharge") }, .15, .3},
	} {
		if got := tb.share(c.holds); got < c.lo || got > c.hi {
			t.Errorf("%s: share %.4f, want %v to %v", c.name, got, c.lo, c.hi)
		}
	}
	for _, ward := range wards {
		if got := tb.share(is("ward", ward)); got < .05 {
			t.Errorf("ward %s: share %.4f, want at least .05", ward, got)
		}
	}
}

// Every arrow that a reader would look for shows in the table with its sign.
func TestCausesShow(t *testing.T) {
	tb := simulate(t, Rows, 1)
	for _, c := range []struct {
		cause, effect string
		least         float64 // magnitude; its sign is that of the correlation
	}{
		{"age", "systolic_bp", .4}, {"age", "diabetes", .15}, {"age", "severity", .2}, {"age", "outcome", .2},
		{"age", "pregnancies", .15}, {"age", "smoker", -.1}, {"bmi", "diabetes", .15}, {"bmi", "systolic_bp", .15},
		{"diabetes", "hba1c", .7}, {"hba1c", "severity", .15}, {"severity", "outcome", .3}, {"severity", "cost", .15},
		{"smoker", "bmi", -.05},
	} {
		got := tb.correlation(c.cause, c.effect)
		if got*math.Copysign(1, c.least) < math.Abs(c.least) {
			t.Errorf("correlation(%s, %s) = %.3f, want %v or stronger", c.cause, c.effect, got, c.least)
		}
	}
	unordered := func(diabetes string) float64 {
		n, missing := 0, 0
		for i := range tb.rows {
			if tb.cell(i, "diabetes") == diabetes {
				n++
				if tb.cell(i, "hba1c") == "" {
					missing++
				}
			}
		}
		return float64(missing) / float64(n)
	}
	if got := unordered("false") - unordered("true"); got < .35 { // .5 against .05 by design
		t.Errorf("hba1c is missing %.2f more often without diabetes, want about .45", got)
	}
}
