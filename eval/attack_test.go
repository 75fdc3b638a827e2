package eval

import (
	"math"
	"math/rand/v2"
	"testing"
)

// naiveGower is the definition, cell by cell.
func naiveGower(columns []column, a *Table, i int, b *Table, k int) float64 {
	sum := 0.0
	for j := range columns {
		c, x, y := &columns[j], a.columns[j][i], b.columns[j][k]
		switch {
		case c.ordered && !c.missing(x) && !c.missing(y):
			sum += math.Abs(c.position(x) - c.position(y))
		case x != y:
			sum++
		}
	}
	return sum / float64(len(columns))
}

func TestDistanceIsGowers(t *testing.T) {
	for name, tables := range map[string][2]*Table{
		"clinic": {patients(t, clinic(t), 60, 1), patients(t, clinic(t), 80, 2)},
		"wide":   {wideTable(t, 40, 1), wideTable(t, 50, 2)},
	} {
		a, b := tables[0], tables[1]
		columns := describe(a.codec)
		l := newLayout(columns, allBut(columns, -1))
		p, q := l.pack(a), l.pack(b)
		near, err := nearest(t.Context(), p, q)
		if err != nil {
			t.Fatal(err)
		}
		for i := range a.rows {
			first, second := math.Inf(1), math.Inf(1)
			for k := range b.rows {
				want := naiveGower(columns, a, i, b, k)
				got := p.distance(i, q, k, math.MaxUint32)
				// Positions are rounded to 1/65535.
				if math.Abs(l.share(got)-want) > 2e-5 {
					t.Fatalf("%s: rows %d and %d: %v, want %v", name, i, k, l.share(got), want)
				}
				cells := uint32(0)
				for c := range columns {
					cells += p.columnDistance(i, q, k, c)
				}
				if cells != got {
					t.Fatalf("%s: the cells of rows %d and %d sum to %d, want %d", name, i, k, cells, got)
				}
				if want < first {
					first, second = want, first
				} else if want < second {
					second = want
				}
			}
			if math.Abs(l.share(near[i].first)-first) > 2e-5 || math.Abs(l.share(near[i].second)-second) > 2e-5 {
				t.Fatalf("%s: neighbours of row %d: %v and %v, want %v and %v", name, i, l.share(near[i].first), l.share(near[i].second), first, second)
			}
		}
	}
}

func TestNearestSeveral(t *testing.T) {
	codec := clinic(t)
	columns := describe(codec)
	l := newLayout(columns, allBut(columns, -1))
	p, q := l.pack(patients(t, codec, 30, 5)), l.pack(patients(t, codec, 90, 6))
	near, err := nearestSeveral(t.Context(), p, q, 7)
	if err != nil {
		t.Fatal(err)
	}
	for i, rows := range near {
		if len(rows) != 7 {
			t.Fatalf("row %d has %d neighbours", i, len(rows))
		}
		within := p.distance(i, q, int(rows[6]), math.MaxUint32)
		nearer := 0
		for k := range q.rows {
			if p.distance(i, q, k, math.MaxUint32) < within {
				nearer++
			}
		}
		if nearer > 6 {
			t.Errorf("row %d: %d rows are nearer than its 7th neighbour", i, nearer)
		}
	}
}

// wideTable has many categories of two sizes, so that several words and wide
// cells are compared.
func wideTable(t *testing.T, rows int, seed uint64) *Table {
	codec := wideCodec(t)
	random := rand.New(rand.NewPCG(seed, 5))
	columns := make([][]uint32, len(codec.Learned()))
	for j := range columns {
		for range rows {
			columns[j] = append(columns[j], uint32(random.IntN(int(codec.Size(j)))))
		}
	}
	table, err := NewTable(codec, columns)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestWilsonAndRisk(t *testing.T) {
	// Wilson's interval of 10 of 100: .0552 to .1744 (Newcombe 1998, table I).
	e := wilson(10, 100)
	if math.Abs(e.value-e.error-.0552) > 1e-4 || math.Abs(e.value+e.error-.1744) > 1e-4 {
		t.Errorf("wilson(10, 100) = %v ± %v", e.value, e.error)
	}
	if r := risk(estimate{.6, 0}, estimate{.2, 0}); math.Abs(r.value-.5) > 1e-12 {
		t.Errorf("risk = %v, want (.6−.2)/(1−.2)", r.value)
	}
	if r := risk(estimate{.6, .1}, estimate{1, 0}); r.value != 0 {
		t.Errorf("risk over a sure control = %v, want 0", r.value)
	}
}

// attackOn runs all attacks with tables of the clinic.
func attackOn(t *testing.T, train, holdout, synthetic *Table, seed uint64) []Attack {
	t.Helper()
	e, err := newEvaluation(Options{Train: train, Holdout: holdout, Synthetic: []Named{{"s", synthetic}}, Target: "died", Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	found, _, err := e.attack(t.Context(), synthetic)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func leaks(attacks []Attack) (keys []string) {
	for _, a := range attacks {
		if a.Leaks {
			keys = append(keys, a.Key)
		}
	}
	return keys
}

func TestAttacksFindCopies(t *testing.T) {
	codec := clinic(t)
	train, holdout := patients(t, codec, 1500, 1), patients(t, codec, 1500, 2)
	if found := leaks(attackOn(t, train, holdout, train.bootstrap(1), 1)); len(found) < 8 {
		t.Errorf("a bootstrap of train: only %v", found)
	}
	if found := leaks(attackOn(t, train, holdout, holdout.bootstrap(1), 1)); len(found) > 0 {
		t.Errorf("a bootstrap of the holdout: %v", found)
	}
}

// TestAttacksSpareFreshRows draws train, holdout and synthetic rows from one
// population. An evaluation accuses with a probability of 5 % at most: 5 of 20
// would have one of .3 %.
func TestAttacksSpareFreshRows(t *testing.T) {
	codec := clinic(t)
	accused := 0
	for seed := range uint64(20) {
		found := leaks(attackOn(t, patients(t, codec, 400, 10+seed), patients(t, codec, 400, 40+seed), patients(t, codec, 400, 70+seed), seed))
		if len(found) > 0 {
			accused++
			t.Logf("seed %d: %v", seed, found)
		}
	}
	if accused > 4 {
		t.Errorf("%d of 20 harmless tables are accused", accused)
	}
}

// TestAdultCopies hides 5 % of train's rows in a table without any other bond
// between columns: at least three attacks see it. A bootstrap of the holdout
// is seen by none.
func TestAdultCopies(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	train, holdout := adult(t)
	copied := train.rows / 20
	copies := train.selectRows(generator(9, "copies").Perm(train.rows)[:copied])
	hidden := train.independent(3).selectRows(sequence(0, train.rows-copied)).join(copies)
	for name, c := range map[string]struct {
		table       *Table
		least, most int
	}{
		"5 % copies":               {hidden, 3, 11},
		"bootstrap of the holdout": {holdout.bootstrap(5), 0, 0},
	} {
		e, err := newEvaluation(Options{Train: train, Holdout: holdout, Synthetic: []Named{{name, c.table}}, Target: "income", Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		found, _, err := e.attack(t.Context(), c.table)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(leaks(found)); n < c.least || n > c.most {
			t.Errorf("%s: found by %v, want %d to %d attacks", name, leaks(found), c.least, c.most)
		}
	}
}
