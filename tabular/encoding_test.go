package tabular

import (
	"math"
	"slices"
	"testing"
)

// The edges ascend, cover the grid, and isolate spikes and missing.
func checkEdges(t *testing.T, c *Codec, j int, edges []uint32) {
	t.Helper()
	d := c.Schema().Columns[c.Learned()[j]]
	if edges[0] != 0 || edges[len(edges)-1] != c.Size(j) {
		t.Fatalf("%+v: edges from %d to %d, want 0 to %d", d, edges[0], edges[len(edges)-1], c.Size(j))
	}
	for k := range len(edges) - 1 {
		if edges[k] >= edges[k+1] {
			t.Fatalf("%+v: edge %d is %d, the next %d", d, k, edges[k], edges[k+1])
		}
	}
	alone := slices.Clone(c.columns[j].spikes)
	if d.Nullable {
		alone = append(alone, c.Size(j)-1)
	}
	for _, code := range alone {
		at, ok := slices.BinarySearch(edges, code)
		if !ok || edges[at+1] != code+1 {
			t.Fatalf("%+v: code %d shares a bin", d, code)
		}
	}
}

func TestFineEdges(t *testing.T) {
	r := newRand(7)
	for range 300 {
		c := compile(t, randomSchema(r))
		for j := range c.Learned() {
			edges := c.FineEdges(j)
			checkEdges(t, c, j, edges)
			d := c.Schema().Columns[c.Learned()[j]]
			most := maxFineBins + len(d.Spike)
			if d.Nullable {
				most++
			}
			if bins := len(edges) - 1; bins > most {
				t.Fatalf("%+v: %d bins, want at most %d", d, bins, most)
			}
		}
	}
}

// On a linear grid bins are even; on a log grid their ratios are, as far as
// whole codes allow.
func TestFineEdgesSpacing(t *testing.T) {
	for _, test := range []struct {
		column Column
		at     func(float64) float64
	}{
		{Column{Type: Integer, Bounds: []any{0, 1 << 20}}, func(v float64) float64 { return v }},
		{Column{Type: Integer, Bounds: []any{10, 1 << 20}, Scale: Log}, math.Log},
		{Column{Type: Integer, Bounds: []any{0, 1 << 20}, Scale: Log}, math.Log1p},
		{Column{Type: Real, Bounds: []any{1, 1000}, Precision: intp(3), Scale: Log}, math.Log},
	} {
		test.column.Name = "a"
		c := compile(t, Schema{Columns: []Column{test.column}})
		edges := c.FineEdges(0)
		bins := len(edges) - 1
		if bins != maxFineBins {
			t.Errorf("%+v: %d bins, want %d", test.column, bins, maxFineBins)
		}
		lo := test.at(c.Value(0, 0))
		step := (test.at(c.Value(0, c.Size(0)-1)) - lo) / float64(bins)
		for b := 1; b < bins; b++ {
			if edges[b] == edges[b-1]+1 {
				continue // one code: no room to be even
			}
			want := lo + float64(b)*step
			if below, above := test.at(c.Value(0, edges[b]-1)), test.at(c.Value(0, edges[b])); below > want+1e-3*step || above < want-1e-3*step {
				t.Errorf("%+v: edge %d at code %d, want between %v and %v: %v", test.column, b, edges[b], below, above, want)
			}
		}
	}
}

// Modes cover the grid, sum up the bins, keep to the limits, and isolate what
// must stay apart, whatever the noise.
func TestEncoding(t *testing.T) {
	r := newRand(8)
	for range 300 {
		c := compile(t, randomSchema(r))
		for j := range c.Learned() {
			fine := c.FineEdges(j)
			counts := make([]float64, len(fine)-1)
			sigma := []float64{0, 1, 50}[r.IntN(3)]
			total := 0.0
			for b := range counts {
				counts[b] = math.Exp(r.NormFloat64()*3) + sigma*r.NormFloat64()
				total += counts[b]
			}
			most := 1 + r.IntN(20)
			enc, masses := c.Encoding(j, c.FineEdges(j), counts, sigma, most)
			checkEdges(t, c, j, enc.Edges)
			if len(masses) != len(enc.Edges)-1 {
				t.Fatalf("%d masses for %d modes", len(masses), len(enc.Edges)-1)
			}
			sum, wide, merged := 0.0, false, 0
			for k, mass := range masses {
				sum += mass
				wide = wide || enc.Edges[k+1]-enc.Edges[k] > 1
				if _, ok := slices.BinarySearch(fine, enc.Edges[k]); !ok {
					t.Fatalf("mode edge %d is no bin edge", enc.Edges[k])
				}
				if _, spike := slices.BinarySearch(c.columns[j].spikes, enc.Edges[k]); !spike && enc.Edges[k] < c.columns[j].values {
					merged++
				}
			}
			d := c.Schema().Columns[c.Learned()[j]]
			if math.Abs(sum-total) > 1e-9*(1+math.Abs(total)) || wide != enc.Offset {
				t.Fatalf("%+v: mass %v, want %v; offset %v, want %v", d, sum, total, enc.Offset, wide)
			}
			listed := d.Type == Categorical || d.Type == Ordinal || d.Type == Boolean
			if enc.Conditional != listed || listed && !slices.Equal(enc.Edges, fine) {
				t.Fatalf("%+v: conditional %v, edges %v", d, enc.Conditional, enc.Edges)
			}
			// Each spike cuts one run of modes in two, at most.
			if !listed && merged > max(most, len(d.Spike)+1) {
				t.Fatalf("%+v: %d modes, want at most %d", d, merged, most)
			}
		}
	}
}

// Modes of a smooth histogram have about equal mass, and a heavy bin is not
// diluted by its neighbours.
func TestEncodingQuantiles(t *testing.T) {
	c := compile(t, Schema{Columns: []Column{{Name: "hours", Type: Integer, Bounds: []any{1, 99}}}})
	counts := make([]float64, 99)
	for b := range counts {
		counts[b] = 1000 * math.Exp(-math.Pow(float64(b)-50, 2)/800)
	}
	enc, masses := c.Encoding(0, c.FineEdges(0), counts, 10, 8)
	if lo, hi := slices.Min(masses), slices.Max(masses); len(masses) != 8 || hi > 2.5*lo {
		t.Errorf("masses %.0f at %v, want 8 about equal", masses, enc.Edges)
	}
	counts[39] = 1e5
	if enc, _ = c.Encoding(0, c.FineEdges(0), counts, 10, 8); !slices.Contains(enc.Edges, 39) || !slices.Contains(enc.Edges, 40) {
		t.Errorf("edges %v, want 39 and 40 among them", enc.Edges)
	}
	for b := range counts {
		counts[b] = 1
	}
	if enc, masses = c.Encoding(0, c.FineEdges(0), counts, 50, 8); len(masses) != 1 {
		t.Errorf("modes %v of pure noise, want 1", enc.Edges)
	}
	if _, masses = c.Encoding(0, c.FineEdges(0), append(counts[:98:98], math.NaN()), 1e-3, 8); math.IsNaN(masses[len(masses)-1]) {
		t.Error("a NaN count comes through")
	}
}

// Every merged mode stands five sigmas of its noise above zero, if its run does.
func TestEncodingAboveNoise(t *testing.T) {
	c := compile(t, Schema{Columns: []Column{{Name: "a", Type: Real, Bounds: []any{0, 1}}}})
	r := newRand(9)
	const sigma = 20
	for range 50 {
		counts := make([]float64, len(c.FineEdges(0))-1)
		for b := range counts {
			counts[b] = 40*r.Float64() + sigma*r.NormFloat64()
		}
		enc, masses := c.Encoding(0, c.FineEdges(0), counts, sigma, 256)
		for k, mass := range masses {
			bins := float64(enc.Edges[k+1]-enc.Edges[k]) / (curveCodes / maxFineBins)
			if mass < ResolvedSigmas*sigma*math.Sqrt(bins)-1e-9 {
				t.Fatalf("mode %d of %v bins has mass %.1f", k, bins, mass)
			}
		}
	}
}
