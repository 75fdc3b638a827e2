package tabular

import (
	"testing"
)

// A map in words is read as the one that it was made of, whatever the columns.
func TestMapInWords(t *testing.T) {
	codec := compile(t, Schema{Missing: []string{"NA"}, Columns: []Column{
		{Name: "name", Type: Categorical, Values: []string{"1..2", "not missing", "x, y"}, Nullable: true},
		{Name: "level", Type: Ordinal, Values: []string{"low", "high"}},
		{Name: "count", Type: Integer, Bounds: []any{-500, 5000}, Nullable: true},
		{Name: "share", Type: Real, Bounds: []any{0, 1e4}, Scale: Log, Spike: Spikes{3}},
		{Name: "day", Type: Datetime, Bounds: []any{"2020-01-01", "2024-12-31"}},
		{Name: "few", Type: Integer, Bounds: []any{0, 9}, Nullable: true},
	}})
	for _, source := range codec.Schema().Columns {
		for _, target := range []string{"name", "level", "few"} {
			if source.Name == target {
				continue
			}
			open := []Rule{{Dependency: source.Name, Determines: target}}
			rules, err := codec.CompileRules(open)
			if err != nil {
				t.Fatal(err)
			}
			if len(rules.Unmapped()) != 1 || rules.Len() != 0 {
				t.Fatalf("%d rules without a map, %d about rows", len(rules.Unmapped()), rules.Len())
			}
			d := rules.Unmapped()[0]
			edges := codec.FineEdges(d.Source)
			values := make([]uint32, len(edges)-1)
			for b := range values {
				values[b] = uint32(b*7+3) % codec.Size(d.Target)
			}
			mapped := []Rule{{Dependency: source.Name, Determines: target, Map: rules.Map(d.Source, d.Target, edges, values)}}
			found, err := codec.CompileRules(mapped)
			if err != nil {
				t.Fatalf("%s: %v", source.Name, err)
			}
			of := found.Dependencies()[0]
			for b := range values {
				for _, code := range []uint32{edges[b], edges[b+1] - 1} {
					if of.Of(code) != values[b] {
						t.Fatalf("%s: code %d has %d, want %d", source.Name, code, of.Of(code), values[b])
					}
				}
			}
			if len(found.Unmapped()) != 0 || len(found.Complete(open)[0].Map) != len(values) || open[0].Map != nil {
				t.Errorf("%s: the map is not passed on", source.Name)
			}
		}
	}
}
