package tabular

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// differenceOf are the differences of one order of all columns.
func differenceOf(t *testing.T, strict bool, columns ...Column) []Difference {
	t.Helper()
	var names []string
	for _, c := range columns {
		names = append(names, c.Name)
	}
	rules, err := compile(t, Schema{Columns: columns}).CompileRules([]Rule{{Order: names, Strict: strict}})
	if err != nil {
		t.Fatal(err)
	}
	return rules.Differences()
}

// Whatever the distance, base and target are in order; a row in order comes back;
// and what is counted, and listed, is what enumeration finds.
func TestDifferences(t *testing.T) {
	one, none := 1, 0
	day, minute := "%Y-%m-%d", "%Y-%m-%d %H:%M"
	for name, test := range map[string]struct {
		strict       bool
		base, target Column
	}{
		"integers": {false, Column{Type: Integer, Bounds: []any{-3, 9}}, Column{Type: Integer, Bounds: []any{1, 14}, Nullable: true}},
		"strict":   {true, Column{Type: Integer, Bounds: []any{0, 9}}, Column{Type: Integer, Bounds: []any{-5, 20}}},
		"finer": {false, Column{Type: Integer, Bounds: []any{2, 5}},
			Column{Type: Real, Precision: &one, Bounds: []any{2.5, 6.1}, Nullable: true}},
		"alike": {false, Column{Type: Integer, Bounds: []any{2, 5}}, Column{Type: Real, Precision: &none, Bounds: []any{0, 30}}},
		"dates": {false, Column{Type: Datetime, Format: day, Bounds: []any{"2024-02-20", "2024-03-10"}},
			Column{Type: Datetime, Format: day, Bounds: []any{"2024-02-25", "2024-03-07"}}},
		"times": {true, Column{Type: Datetime, Format: day, Bounds: []any{"2024-02-28", "2024-03-01"}},
			Column{Type: Datetime, Format: minute, Bounds: []any{"2024-02-28 12:00", "2024-03-02 00:00"}}},
	} {
		test.base.Name, test.target.Name = "a", "b"
		all := differenceOf(t, test.strict, test.base, test.target)
		if len(all) != 1 || all[0].Base != 0 || all[0].Target != 1 {
			t.Fatalf("%s: %+v", name, all)
		}
		d, codec := &all[0], compile(t, Schema{Columns: []Column{test.base, test.target}})
		learned := codec.WithDifferences(all)
		size, sizes := codec.Size(1), learned.Size(1)
		random := rand.New(rand.NewPCG(1, 2))
		for range 300 {
			base := random.Uint32N(codec.Size(0))
			var counted CodeSet
			for range 3 {
				from := random.Uint32N(size)
				counted = counted.or(CodeSet{{from, from + 1 + random.Uint32N(size-from)}})
			}
			width := 1 + random.Uint32N(5)
			from := random.Uint32N(uint32(d.size))
			r := Run{from, min(from+1+random.Uint32N(40), uint32(d.size))}
			b := Run{base, min(base+width, codec.Size(0))}
			want := 0.0
			for e := b.From; e < b.To; e++ {
				for distance := r.From; distance < r.To; distance++ {
					if counted.Has(d.Restore(e, distance)) {
						want++
					}
				}
			}
			if got := d.Pairs(b, r, counted); got != want {
				t.Fatalf("%s: %v x %v give %v %v times, want %v", name, b, r, counted, got, want)
			}
			distances := d.Distances(base, counted)
			for distance := range sizes {
				target := d.Restore(base, distance)
				if distances.Has(distance) != counted.Has(target) {
					t.Fatalf("%s: distance %d from %d leads to %d: listed for %v: %v", name, distance, base, target, counted, distances)
				}
				x, y := codec.Value(0, base), codec.Value(1, target)
				if last := codec.Value(1, uint32(d.last)); y < x && x <= last || test.strict && y == x && x < last {
					t.Fatalf("%s: %v is to follow %v", name, y, x)
				}
			}
			target := random.Uint32N(size)
			x, y := codec.Value(0, base), codec.Value(1, target)
			code := d.Distance(base, target)
			if code >= sizes {
				t.Fatalf("%s: distance %d of %d", name, code, sizes)
			}
			if inOrder := x < y || x == y && !test.strict || y != y; inOrder && d.Restore(base, code) != target {
				t.Fatalf("%s: %d at %d comes back as %d", name, target, base, d.Restore(base, code))
			}
		}
	}
}

// What is not sound to derive is not.
func TestNoDifferences(t *testing.T) {
	one := 1
	day := Column{Name: "a", Type: Integer, Bounds: []any{0, 9}}
	with := func(name string, change func(c *Column)) Column {
		c := day
		c.Name = name
		change(&c)
		return c
	}
	as := func(name string) Column { return with(name, func(*Column) {}) }
	for name, test := range map[string]struct {
		columns []Column
		want    [][2]int
	}{
		"chain":              {[]Column{as("a"), as("b"), as("c")}, [][2]int{{0, 1}, {1, 2}}},
		"a gap between":      {[]Column{as("a"), with("b", func(c *Column) { c.Nullable = true }), as("c")}, [][2]int{{0, 1}, {0, 2}}},
		"a gap at first":     {[]Column{with("a", func(c *Column) { c.Nullable = true }), as("b"), as("c")}, [][2]int{{1, 2}}},
		"a coarser target":   {[]Column{with("a", func(c *Column) { c.Type, c.Precision = Real, &one }), as("b")}, nil},
		"a target of spikes": {[]Column{as("a"), with("b", func(c *Column) { c.Spike = Spikes{3} })}, nil},
		"log scale":          {[]Column{with("a", func(c *Column) { c.Scale = Log }), as("b")}, nil},
		"no grid":            {[]Column{as("a"), with("b", func(c *Column) { c.Type = Real })}, nil},
		"ordinals": {[]Column{{Name: "a", Type: Ordinal, Values: []string{"x", "y"}},
			{Name: "b", Type: Ordinal, Values: []string{"x", "y"}}}, nil},
	} {
		got := differenceOf(t, false, test.columns...)
		if !slices.EqualFunc(got, test.want, func(d Difference, want [2]int) bool { return d.Base == want[0] && d.Target == want[1] }) {
			t.Errorf("%s: %+v, want %v", name, got, test.want)
		}
	}
}

// Bases go before what derives from them, none is derived twice or from itself,
// and other rules have their say.
func TestDifferencesOfManyRules(t *testing.T) {
	integer := func(name string) Column { return Column{Name: name, Type: Integer, Bounds: []any{0, 9}} }
	codec := compile(t, Schema{Columns: []Column{integer("a"), integer("b"), integer("c"), integer("d"), integer("e")}})
	pairs := func(rules ...Rule) (out [][2]int) {
		compiled, err := codec.CompileRules(rules)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range compiled.Differences() {
			out = append(out, [2]int{d.Base, d.Target})
		}
		return out
	}
	order := func(columns ...string) Rule { return Rule{Order: columns} }
	for name, test := range map[string]struct{ got, want [][2]int }{
		"later rules first": {pairs(order("b", "c"), order("a", "b")), [][2]int{{0, 1}, {1, 2}}},
		"twice":             {pairs(order("a", "c"), order("b", "c")), [][2]int{{0, 2}}},
		"in a circle":       {pairs(order("a", "b"), order("b", "c"), order("c", "a")), [][2]int{{0, 1}, {1, 2}}},
		"a star":            {pairs(order("a", "b"), order("a", "c")), [][2]int{{0, 1}, {0, 2}}},
		"determined": {pairs(order("a", "b", "c"),
			Rule{Dependency: "d", Determines: "b", Map: Terms{term("..4", "3"), term("5..", "6")}}), nil},
		"shares": {pairs(order("a", "b"), Rule{Marginal: "b", Shares: Shares{{"..4", .5}}, Confidence: 10}), nil},
	} {
		if !slices.Equal(test.got, test.want) {
			t.Errorf("%s: %v, want %v", name, test.got, test.want)
		}
	}
	if len((*Rules)(nil).Differences()) != 0 {
		t.Error("no rules derive a column")
	}
}

// Short distances have bins of their own, however far the bounds are apart.
func TestDistancesAreFineNearZero(t *testing.T) {
	columns := []Column{{Name: "a", Type: Datetime, Bounds: []any{"2022-01-01", "2024-12-31"}},
		{Name: "b", Type: Datetime, Bounds: []any{"2022-01-01", "2025-03-01"}, Nullable: true}}
	codec := compile(t, Schema{Columns: columns})
	learned := codec.WithDifferences(differenceOf(t, false, columns...))
	edges := learned.FineEdges(1)
	for b := range uint32(30) {
		if edges[b] != b {
			t.Fatalf("edges %v: day %d has no bin of its own", edges[:31], b)
		}
	}
	if n := len(edges) - 1; n != maxFineBins+1 || edges[n] != learned.Size(1) {
		t.Errorf("%d bins up to %d of %d", n, edges[n], learned.Size(1))
	}
	if codec.WithDifferences(nil) != codec {
		t.Error("without distances the codec is another")
	}
}
