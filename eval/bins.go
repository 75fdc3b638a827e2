package eval

import (
	"math"
	"slices"

	"github.com/dpgan/dpgan/tabular"
)

// maxBins bounds the bins of a numeric column, spikes and missing aside. With
// 24 of them a bootstrap of 30,000 rows is 1 to 2 % away from its source over
// pairs of columns: finer bins would measure sampling noise.
const maxBins = 24

// column is what the evaluation knows of a learned column, all of it declared
// and public.
type column struct {
	name     string
	number   bool // integer, real or datetime: has distances
	ordered  bool // a number, or ordinal
	datetime bool
	nullable bool     // the last code means missing
	size     uint32   // codes, missing included
	edges    []uint32 // public bins: bin b holds the codes [edges[b], edges[b+1])
	position func(code uint32) float64
}

// bins counts the public bins.
func (c *column) bins() int { return len(c.edges) - 1 }

// missing tells whether a code of the column means missing.
func (c *column) missing(code uint32) bool { return c.nullable && code == c.size-1 }

// describe compiles the learned columns of a schema.
//
// Public bins: a listed value, a declared spike and missing are a bin each;
// what is left of a numeric column is cut at those edges of the codec's public
// histogram that lie next to maxBins even parts of its declared bounds, on the
// declared scale.
func describe(codec *tabular.Codec) []column {
	schema := codec.Schema()
	columns := make([]column, 0, len(codec.Learned()))
	for j, i := range codec.Learned() {
		d := &schema.Columns[i]
		c := column{name: d.Name, nullable: d.Nullable, size: codec.Size(j)}
		c.number = d.Type == tabular.Integer || d.Type == tabular.Real || d.Type == tabular.Datetime
		c.datetime = d.Type == tabular.Datetime
		c.ordered = c.number || d.Type == tabular.Ordinal
		c.position = positions(codec, j, &c, d)
		c.edges = codec.FineEdges(j)
		if c.number {
			c.edges = coarsen(codec, j, &c, d)
		}
		columns = append(columns, c)
	}
	return columns
}

// positions maps the codes of column j to [0, 1], evenly on the declared scale;
// missing is 0.
func positions(codec *tabular.Codec, j int, c *column, d *tabular.Column) func(uint32) float64 {
	last := c.size - 1
	if c.nullable && last > 0 {
		last--
	}
	if last == 0 {
		return func(uint32) float64 { return 0 }
	}
	scaled := func(code uint32) float64 { return float64(code) }
	if d.Scale == tabular.Log {
		// Without a precision the code grid of a real column is even in log(x) already.
		if lo := codec.Value(j, 0); lo > 0 && (d.Type == tabular.Integer || d.Precision != nil) {
			scaled = func(code uint32) float64 { return math.Log(codec.Value(j, code) / lo) }
		} else if d.Type == tabular.Integer || d.Precision != nil {
			scaled = func(code uint32) float64 { return math.Log1p(float64(code)) }
		}
	}
	top := scaled(last)
	return func(code uint32) float64 {
		if code > last {
			return 0
		}
		return scaled(code) / top
	}
}

// coarsen picks the public bins of a numeric column among the fine edges.
func coarsen(codec *tabular.Codec, j int, c *column, d *tabular.Column) []uint32 {
	fine := codec.FineEdges(j)
	values := fine[len(fine)-1]
	if c.nullable {
		fine = fine[:len(fine)-1]
		values--
	}
	if values <= maxBins {
		return codec.FineEdges(j)
	}
	alone := map[uint32]bool{}
	for b := range len(fine) - 1 {
		if fine[b+1]-fine[b] == 1 && slices.Contains(d.Spike, codec.Value(j, fine[b])) {
			alone[fine[b]] = true
		}
	}
	edges := []uint32{0}
	part := 1
	for b := 1; b < len(fine)-1; b++ {
		code := fine[b]
		next := c.position(min(fine[b+1], values-1))
		due := float64(part) / maxBins
		here := c.position(code)
		// The edge at or nearest to the part's end; a spike ends a bin on both sides.
		if near := here >= due || due-here <= next-due; near {
			edges = append(edges, code)
			for part < maxBins && float64(part)/maxBins <= here+(next-here)/2 {
				part++
			}
		} else if alone[code] || alone[fine[b-1]] {
			edges = append(edges, code)
		}
	}
	edges = append(edges, values)
	if c.nullable {
		edges = append(edges, values+1)
	}
	return slices.Compact(edges)
}

// binned is a table as public bins, [J][rows].
type binned [][]uint32

// bin turns the codes of t into public bins.
func bin(t *Table, columns []column) binned {
	out := make(binned, len(columns))
	for j := range columns {
		out[j] = columns[j].bin(t.columns[j])
	}
	return out
}

// lookupCodes is the largest code space for which bin keeps a table.
const lookupCodes = 1 << 16

func (c *column) bin(codes []uint32) []uint32 {
	out := make([]uint32, len(codes))
	if c.size > lookupCodes {
		for i, code := range codes {
			out[i] = c.binOf(code)
		}
		return out
	}
	table := make([]uint32, c.size)
	for code := range table {
		table[code] = c.binOf(uint32(code))
	}
	for i, code := range codes {
		out[i] = table[code]
	}
	return out
}

// binOf is the public bin of a code.
func (c *column) binOf(code uint32) uint32 {
	at, exact := slices.BinarySearch(c.edges, code)
	if !exact {
		at--
	}
	return uint32(at)
}
