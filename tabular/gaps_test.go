package tabular

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// openSchema is a schema that leaves open all that it can.
func openSchema() Schema {
	zero, two := 0, 2
	return Schema{Missing: []string{"", "?"}, Columns: []Column{
		{Name: "id", Type: ID},
		{Name: "integer", Type: Integer},
		{Name: "log", Type: Integer, Scale: Log, Spike: Spikes{0}},
		{Name: "real", Type: Real},
		{Name: "money", Type: Real, Precision: &two, Spike: Spikes{-1.25, 99.99}},
		{Name: "whole", Type: Real, Precision: &zero, Scale: Log},
		{Name: "free log", Type: Real, Scale: Log},
		{Name: "day", Type: Datetime},
		{Name: "second", Type: Datetime, Format: "%Y-%m-%d %H:%M:%S"},
		{Name: "short year", Type: Datetime, Format: "%d.%m.%y"},
		{Name: "category", Type: Categorical},
		{Name: "boolean", Type: Boolean},
	}}
}

func TestGaps(t *testing.T) {
	s := openSchema()
	var names []string
	for _, gap := range s.Gaps() {
		names = append(names, gap.Name+" "+string(gap.Fact))
	}
	want := []string{"integer bounds", "log bounds", "real bounds", "money bounds", "whole bounds", "free log bounds",
		"day bounds", "second bounds", "short year bounds", "category values"}
	if !slices.Equal(names, want) {
		t.Errorf("gaps %q, want %q", names, want)
	}
	if got := len(s.NullableGaps()); got != len(s.Columns)-1 {
		t.Errorf("%d columns may have missing cells, want all but the id", got)
	}
	declared := adult()
	if gaps := declared.Gaps(); len(gaps) > 0 {
		t.Errorf("a declared schema has gaps: %v", gaps)
	}
}

func TestStandInCompiles(t *testing.T) {
	s := openSchema()
	standIn := s.StandIn(append(s.Gaps(), s.NullableGaps()...))
	if _, err := standIn.Compile(); err != nil {
		t.Error(err)
	}
	if len(s.Gaps()) != 10 {
		t.Error("the stand-in changed the schema")
	}
}

// Whatever buckets are found, the schema compiles, and takes every cell.
func TestFilledSchemaCompiles(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	s := openSchema()
	gaps := append(s.Gaps(), s.NullableGaps()...)
	for range 300 {
		found := map[int]DiscoveredFacts{}
		for i := range s.Columns {
			c := &s.Columns[i]
			if !c.hasBounds() {
				found[i] = DiscoveredFacts{Values: []string{"a", "other", "?"}[:random.IntN(3)], Nullable: random.IntN(2) == 0}
				continue
			}
			edges := c.Edges()
			if random.IntN(2) == 0 { // a closer look
				low := random.IntN(len(edges) - 1)
				edges = c.Finer(edges[low], edges[low+1+random.IntN(len(edges)-1-low)])
			}
			low := random.IntN(len(edges) - 1)
			high := low + 1 + random.IntN(len(edges)-1-low)
			found[i] = DiscoveredFacts{Low: edges[low], High: edges[high], Nullable: random.IntN(2) == 0}
		}
		filled := s.Fill(gaps, found)
		c, err := filled.Compile()
		if err != nil {
			t.Fatalf("%v: %v", found, err)
		}
		for j := range c.Learned() {
			for _, cell := range []string{"", "?", "0", "-1e12", "2024-05-06", "word", "\xff"} {
				if code, err := c.Encode(j, cell); err != nil || code >= c.Size(j) {
					t.Fatalf("column %d: %q: code %d of %d, %v", j, cell, code, c.Size(j), err)
				}
			}
		}
		if again, err := s.FillFrom(gaps, c.Schema()); err != nil {
			t.Fatal(err)
		} else if _, err := again.Compile(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFillFromAnotherTable(t *testing.T) {
	s := openSchema()
	other := s.clone()
	other.Columns[1].Name = "another"
	if _, err := s.FillFrom(s.Gaps(), other); err == nil {
		t.Error("answers about another column were taken")
	}
}

// A number is within the bucket that its bounds say: clamping changes nothing.
func TestBoundsHoldTheirBucket(t *testing.T) {
	for _, tt := range []struct {
		column Column
		lo, hi float64
		inside []string
	}{
		{Column{Type: Integer}, 16, 128, []string{"16", "127"}},
		{Column{Type: Integer}, -4, 0, []string{"-4", "-1"}},
		{Column{Type: Integer}, 0, 1, []string{"0"}},
		{Column{Type: Real}, 0.25, 8, []string{"0.25", "8"}},
		{Column{Type: Datetime}, float64(daysFromCivil(2000, 1, 1)), float64(daysFromCivil(2001, 1, 1)), []string{"2000-01-01", "2000-12-31"}},
	} {
		tt.column.Name = "x"
		tt.column.setBounds(tt.lo, tt.hi)
		c := compile(t, Schema{Columns: []Column{tt.column}})
		for _, cell := range tt.inside {
			code, err := c.Encode(0, cell)
			if err != nil {
				t.Errorf("bounds %v: %v", tt.column.Bounds, err)
			} else if got := string(c.AppendCell(nil, 0, code)); got != cell {
				t.Errorf("bounds %v: %s became %s", tt.column.Bounds, cell, got)
			}
		}
	}
}
