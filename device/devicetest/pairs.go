package devicetest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// pairCase is a random table and pair tables over it, out of order and with gaps, that
// use up max_grad_norm: over columns of one, two and four bytes a code, some of them twice.
type pairCase struct {
	columns []device.Codes
	pairs   *device.PairTables
	rows    int
}

// pairCounts are the codes of the columns; the last is never looked at.
var pairCounts = []int{3, 300, 2, 7, 70_000, 1, 12, 5}

func (f *fixture) pairCase(rows int) *pairCase {
	c := &pairCase{rows: rows, pairs: &device.PairTables{Weights: 5}}
	for k, count := range pairCounts {
		var codes device.Codes
		for i := range rows {
			code := f.random.Uint32N(uint32(count))
			if i < 2 { // both ends occur
				code = uint32(i * (count - 1))
			}
			switch {
			case k == 4:
				codes.U32 = append(codes.U32, code)
			case count > 256:
				codes.U16 = append(codes.U16, uint16(code))
			default:
				codes.U8 = append(codes.U8, uint8(code))
			}
		}
		c.columns = append(c.columns, codes)
	}
	add := func(a, b, target int) {
		t := device.PairTable{A: a, B: b, Target: target, CountB: pairCounts[b], CountTarget: 1, Offset: c.pairs.Weights}
		if target >= 0 {
			t.CountTarget = pairCounts[target]
		}
		c.pairs.Weights += pairCounts[a]*t.CountB*t.CountTarget + f.random.IntN(3)
		c.pairs.Tables = append(c.pairs.Tables, t)
	}
	for b := range 4 {
		for a := range b {
			add(a, b, -1)
			add(b, a, 6)
		}
	}
	add(4, 5, -1)
	add(2, 4, -1)
	add(6, 6, 6)
	f.random.Shuffle(len(c.pairs.Tables), func(i, j int) {
		c.pairs.Tables[i], c.pairs.Tables[j] = c.pairs.Tables[j], c.pairs.Tables[i]
	})
	left := float64(device.MostSquare)
	for i := range c.pairs.Tables {
		most := math.Sqrt(left / float64(len(c.pairs.Tables)-i))
		s := math.Floor(most * (0.5 + f.random.Float64()/2))
		if i == len(c.pairs.Tables)-1 {
			s = math.Floor(most)
		}
		c.pairs.Tables[i].Gradient = int32(s)
		left -= s * s
	}
	return c
}

// add is what a row adds, as PairTable says.
func (c *pairCase) add(sum []int64, row uint32) {
	code := func(column int) int { return int(c.columns[column].At(int(row))) }
	for _, t := range c.pairs.Tables {
		at := code(t.A)*t.CountB + code(t.B)
		if t.Target >= 0 {
			at = at*t.CountTarget + code(t.Target)
		}
		sum[t.Offset+at] += int64(t.Gradient)
	}
}

func (f *fixture) placeTable(columns []device.Codes) device.Table {
	f.Helper()
	table, err := f.d.NewTable(columns)
	if err != nil {
		f.Fatal(err)
	}
	return table
}

// testPairGradients: to the last bit what the rows that count add, to what was there,
// rows that come twice twice; chunks add what the whole does, a program what calls do.
func testPairGradients(f *fixture) {
	for _, size := range []struct{ rows, places, count int }{{1, 1, 1}, {7, 9, 5}, {20, 70, 0}, {20, 33, 40}, {300, 5000, 4999}, {3000, 9000, 8193}} {
		f.sub(fmt.Sprintf("%d of %d", size.count, size.places), func(f *fixture) {
			c := f.pairCase(size.rows)
			table := f.placeTable(c.columns)
			defer table.Release()
			index := make([]uint32, size.places)
			for i := range index {
				index[i] = f.random.Uint32N(uint32(size.rows))
			}
			want := f.integers(c.pairs.Weights)
			sum := f.putSums(want)
			f.d.PairGradients(sum, table, c.pairs, f.words(index...), f.words(uint32(size.count)))
			counted := index[:min(size.count, size.places)]
			for _, row := range counted {
				c.add(want, row)
			}
			f.checkSums("sum", sum, want)
			for chunk := range slices.Chunk(index, max(1, size.places/3)) {
				if len(counted) == 0 {
					break
				}
				n := min(len(chunk), len(counted))
				indices, count := f.words(chunk...), f.words(uint32(n))
				f.d.Record("chunk", func() { f.d.PairGradients(sum, table, c.pairs, indices, count) }).Run()
				counted = counted[n:]
			}
			for _, row := range index[:min(size.count, size.places)] {
				c.add(want, row)
			}
			f.checkSums("sum of chunks", sum, want)
		})
	}
}

// testPairCrowds: one row more moves a sum, however many rows it has, by that row's own
// gradient to the last bit, and its norm is at most max_grad_norm.
func testPairCrowds(f *fixture) {
	const places = 20_000
	c := f.pairCase(500)
	table := f.placeTable(c.columns)
	defer table.Release()
	index := make([]uint32, places)
	for i := range index {
		index[i] = f.random.Uint32N(2) // a crowd on a few weights
	}
	for _, row := range []uint32{0, 1, 499} {
		index[places-1] = row
		indices := f.words(index...)
		var sums [2][]int64
		for more := range sums {
			sum := f.putSums(make([]int64, c.pairs.Weights))
			f.d.PairGradients(sum, table, c.pairs, indices, f.words(uint32(places-1+more)))
			sums[more] = f.getSums(sum)
		}
		own := make([]int64, c.pairs.Weights)
		c.add(own, row)
		if square := squares(own); square > 1<<(2*device.SumBits) {
			f.Fatalf("a row adds a gradient of norm %v max_grad_norm", math.Sqrt(float64(square))/(1<<device.SumBits))
		}
		for i := range own {
			if moved := sums[1][i] - sums[0][i]; moved != own[i] {
				f.Fatalf("row %d moves weight %d of a sum of %d by %d, its gradient is %d", row, i, places-1, moved, own[i])
			}
		}
	}
}

// testPairRefusal: what does not fit, or could add more than max_grad_norm, is an error.
func testPairRefusal(f *fixture, open func(t *testing.T) device.Device) {
	for _, test := range []struct {
		name, want string
		spoil      func(c *pairCase, sum *device.Vector)
	}{
		{"too long a gradient", "norm", func(c *pairCase, _ *device.Vector) {
			c.pairs.Tables[3].Gradient++
			c.pairs.Tables[0].Gradient += 1 << 10
		}},
		{"a gradient of nothing", "gradient=0", func(c *pairCase, _ *device.Vector) { c.pairs.Tables[0].Gradient = 0 }},
		{"a negative gradient", "gradient=-1", func(c *pairCase, _ *device.Vector) { c.pairs.Tables[0].Gradient = -1 }},
		{"a column beyond the table", "columns", func(c *pairCase, _ *device.Vector) { c.pairs.Tables[0].A = len(pairCounts) }},
		{"a column beyond all tables", "columns", func(c *pairCase, _ *device.Vector) { c.pairs.Tables[0].B = math.MaxInt }},
		{"a negative column", "columns", func(c *pairCase, _ *device.Vector) { c.pairs.Tables[0].B = -1 }},
		{"a target below none", "target=-2", func(c *pairCase, _ *device.Vector) { c.pairs.Tables[0].Target = -2 }},
		{"no codes", "count_b=0", func(c *pairCase, _ *device.Vector) { c.pairs.Tables[0].CountB = 0 }},
		{"codes of no target", "count_target=2", func(c *pairCase, _ *device.Vector) {
			c.pairs.Tables[0].Target, c.pairs.Tables[0].CountTarget = -1, 2
		}},
		{"tables that share a weight", "", func(c *pairCase, _ *device.Vector) {
			slices.SortFunc(c.pairs.Tables, func(s, t device.PairTable) int { return s.Offset - t.Offset })
			c.pairs.Tables[4].Offset -= 3
		}},
		{"tables at one place", "no room", func(c *pairCase, _ *device.Vector) { c.pairs.Tables[1].Offset = c.pairs.Tables[0].Offset }},
		{"weights before the first", "no room", func(c *pairCase, _ *device.Vector) { c.pairs.Tables[0].Offset = -1 }},
		{"weights beyond the last", "no room", func(c *pairCase, _ *device.Vector) { c.pairs.Tables[0].Offset = c.pairs.Weights }},
		{"codes beyond the weights", "column 1", func(c *pairCase, _ *device.Vector) { c.columns[1].U16[0] = 400 }},
		{"a sum too short", "sum", func(_ *pairCase, sum *device.Vector) { sum.Len-- }},
		{"a sum of floats", "sum", func(c *pairCase, sum *device.Vector) { sum.Buffer = nil }},
		{"index beyond the table", "index=20", func(c *pairCase, _ *device.Vector) { c.rows++ }},
	} {
		f.T.Run(test.name, func(t *testing.T) {
			g := &fixture{T: t, d: open(t), random: f.random, placed: map[device.Buffer][]float32{}}
			defer func() { _ = g.d.Close() }()
			c := g.pairCase(20)
			sum := g.putSums(make([]int64, c.pairs.Weights))
			test.spoil(c, &sum)
			g.d.PairGradients(sum, g.placeTable(c.columns), c.pairs, g.words(3, uint32(c.rows-1)), g.words(2))
			if err := g.d.Sync(); err == nil || !strings.Contains(err.Error(), "PairGradients") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Sync gives %v, want an error of PairGradients with %q", err, test.want)
			}
		})
	}
}
