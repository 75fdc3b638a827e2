package tabular

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// evenly draws every code equally often.
type evenly struct {
	c *Codec
	r *rand.Rand
}

func (e evenly) Redraw(row []uint32, columns []int) bool {
	for _, j := range columns {
		row[j] = e.r.Uint32N(e.c.Size(j))
	}
	return true
}

func (e evenly) Choose(_ []uint32, j int, allowed CodeSet) uint32 {
	return e.c.Nearest(j, e.r.Uint32N(e.c.Size(j)), allowed)
}

// After repair a row keeps all rules, what is fixed stays, and a row that kept
// them before stays whole, with a chooser and without.
func TestRepair(t *testing.T) {
	c := stays(t)
	r := mustRules(t, c, stayRules...)
	random := newRand(3)
	untouched := 0
	for i := range 20_000 {
		row := make([]uint32, 11)
		for j := range row {
			row[j] = random.Uint32N(c.Size(j))
		}
		before, kept := slices.Clone(row), r.Kept(row)
		fixed := make([]bool, 11)
		if j := random.IntN(11); !(j == bands && row[j] == 3 || j == paid && row[j] == 500) { // which no row can have
			fixed[j] = true
		}
		var chooser Chooser
		if i%2 == 0 {
			chooser = evenly{c, random}
		}
		if err := r.Repair(row, fixed, chooser); err != nil {
			t.Fatalf("%v: %v", before, err)
		}
		for j := range row {
			if row[j] >= c.Size(j) || row[j] != before[j] && (fixed[j] || kept) {
				t.Fatalf("column %d of %v became %d (fixed %v, kept %v)", j, before, row[j], fixed[j], kept)
			}
		}
		if !r.Kept(row) {
			t.Fatalf("%v became %v, which breaks a rule", before, row)
		}
		if again := slices.Clone(row); r.Repair(again, nil, chooser) != nil || !slices.Equal(again, row) {
			t.Fatalf("a repaired row changed again: %v to %v", row, again)
		}
		if kept {
			untouched++
		}
	}
	if untouched == 0 {
		t.Error("no row kept the rules by chance: the test cannot see that such rows stay")
	}
}

// Rules that mention the same columns over and over are kept together.
func TestRepairOfRandomRules(t *testing.T) {
	random := newRand(5)
	columns := []Column{}
	for _, name := range []string{"a", "b", "c", "d"} {
		columns = append(columns, Column{Name: name, Type: Integer, Bounds: []any{0, 5}, Nullable: true})
	}
	c := compile(t, Schema{Columns: columns})
	texts := []string{"0..2", "3..5", "1", "4", "missing", "not missing", "2..", "..3"}
	pick := func(n int) (out Terms) {
		for _, j := range random.Perm(4)[:n] {
			out = append(out, term(columns[j].Name, texts[random.IntN(len(texts))]))
		}
		return out
	}
	compiled := 0
	for range 300 {
		rules := []Rule{{If: pick(1), Then: pick(2)}, {If: pick(2), Then: pick(1)}, {Never: pick(2)}, {Never: pick(3)},
			{Order: []string{"a", "b", "c"}, Strict: random.IntN(2) == 0}}
		r, err := c.CompileRules(rules)
		if err != nil {
			continue // they contradict each other
		}
		compiled++
		for range 50 {
			row := []uint32{random.Uint32N(7), random.Uint32N(7), random.Uint32N(7), random.Uint32N(7)}
			before := slices.Clone(row)
			if err := r.Repair(row, nil, nil); err != nil || !r.Kept(row) {
				t.Fatalf("%v: %v became %v: %v", rules, before, row, err)
			}
		}
	}
	if compiled < 100 {
		t.Errorf("%d of 300 sets of rules compile", compiled)
	}
}

func TestRepairRefusesTheImpossible(t *testing.T) {
	c := stays(t)
	r := mustRules(t, c, stayRules...)
	row := make([]uint32, 11)
	row[sexes], row[pregnant] = 1, 3
	fixed := make([]bool, 11)
	fixed[sexes], fixed[pregnant] = true, true
	err := r.Repair(row, fixed, evenly{c, newRand(1)})
	if !errors.Is(err, ErrRules) || !strings.Contains(err.Error(), "rules[0] (if sex=M then pregnancies=missing)") {
		t.Errorf("%v", err)
	}
}

func BenchmarkKept(b *testing.B) {
	c := stays(b)
	r := mustRules(b, c, stayRules...)
	row := make([]uint32, 11)
	row[ages], row[bands], row[paid] = 30, 1, c.Size(paid)-1
	for b.Loop() {
		if !r.Kept(row) {
			b.Fatal("broken")
		}
	}
}
