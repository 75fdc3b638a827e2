package eval

import (
	"slices"
	"testing"
)

func TestBinsAreAPartition(t *testing.T) {
	for name, columns := range map[string][]column{"clinic": describe(clinic(t)), "adult": describe(adultCodec(t))} {
		for j := range columns {
			c := &columns[j]
			if c.edges[0] != 0 || c.edges[len(c.edges)-1] != c.size || !slices.IsSorted(c.edges) {
				t.Fatalf("%s, %s: edges %v do not cover %d codes in order", name, c.name, c.edges, c.size)
			}
			if len(slices.Compact(slices.Clone(c.edges))) != len(c.edges) {
				t.Fatalf("%s, %s: an empty bin in %v", name, c.name, c.edges)
			}
			// A spike may split a bin, and takes one; missing takes one.
			if limit := maxBins + 2*2 + 1; c.number && c.bins() > limit {
				t.Errorf("%s, %s: %d bins, want at most %d", name, c.name, c.bins(), limit)
			}
			if c.number && c.size > 3*maxBins && c.bins() < maxBins-6 {
				t.Errorf("%s, %s: only %d bins", name, c.name, c.bins())
			}
			for _, code := range []uint32{0, c.size / 2, c.size - 1} {
				if b := c.binOf(code); code < c.edges[b] || code >= c.edges[b+1] {
					t.Errorf("%s, %s: code %d is in bin %d of %v", name, c.name, code, b, c.edges)
				}
			}
		}
	}
}

func TestSpikesAndMissingAreAlone(t *testing.T) {
	columns := describe(adultCodec(t))
	for name, spikes := range map[string][]uint32{"capital-gain": {0, 99999}, "hours-per-week": {39}} {
		c := &columns[slices.IndexFunc(columns, func(c column) bool { return c.name == name })]
		for _, code := range spikes {
			if b := c.binOf(code); c.edges[b+1]-c.edges[b] != 1 {
				t.Errorf("%s: spike %d shares the bin [%d, %d)", name, code, c.edges[b], c.edges[b+1])
			}
		}
	}
	c := &describe(clinic(t))[costColumn]
	if b := c.binOf(c.size - 1); c.edges[b] != c.size-1 {
		t.Errorf("missing shares the bin from %d", c.edges[b])
	}
}

func TestPositionsAscendTo1(t *testing.T) {
	for _, columns := range [][]column{describe(clinic(t)), describe(adultCodec(t))} {
		for j := range columns {
			c := &columns[j]
			last := c.size - 1
			if c.nullable {
				last--
			}
			before := -1.0
			for code := uint32(0); code <= last; code += max(1, last/97) {
				at := c.position(code)
				if at <= before || at < 0 || at > 1 {
					t.Fatalf("%s: position(%d) = %v after %v", c.name, code, at, before)
				}
				before = at
			}
			if last > 0 && c.position(last) != 1 {
				t.Errorf("%s: position of the last code = %v, want 1", c.name, c.position(last))
			}
		}
	}
}
