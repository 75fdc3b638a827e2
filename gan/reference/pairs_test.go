package reference

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// What a record adds is the gradient of D by its weights: s_t at one weight of each table.
func TestSecondOrderGradient(t *testing.T) {
	for name, c := range map[string]struct {
		layout *device.Layout
		tables [][]int
	}{
		"pairs":            {layoutOf(3, 2, 4), [][]int{{0, 1}, {2, 0}, {1, 2}}},
		"triples":          {layoutOf(3, 2, 4, 2), [][]int{{0, 1, 3}, {0, 2, 3}}},
		"both":             {layoutOf(3, 2, 4), [][]int{{0, 1}, {1, 2, 0}}},
		"with one certain": {layoutOf(3, 1, 2), [][]int{{0, 1}, {1, 2}, {0, 1, 2}, {0, 2, 1}}},
		"nothing else":     {layoutOf(1, 1), [][]int{{0, 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(9, 10))
			pairs := pairTables(c.layout, c.tables)
			s, err := newSecondOrder(pairs, c.layout)
			if err != nil {
				t.Fatal(err)
			}
			defer s.close()
			fill(r, s.weights.wide)
			for range 5 {
				row := cellsOf(r, c.layout)
				sum := make([]int64, pairs.Weights)
				if err := s.add([][]uint32{row}, device.Draw{}, sum); err != nil {
					t.Fatal(err)
				}
				want, value := make([]int64, pairs.Weights), 0.0
				for i := range pairs.Tables {
					of := &pairs.Tables[i]
					at := of.Offset + (int(row[of.A])*of.CountB+int(row[of.B]))*of.CountTarget
					if of.Target >= 0 {
						at += int(row[of.Target])
					}
					want[at] += int64(of.Gradient)
					value += float64(of.Gradient) * s.weights.wide[at]
				}
				if !slices.Equal(sum, want) {
					t.Fatalf("record %v adds %v, not %v", row, sum, want)
				}
				if got := s.cost.scalar(); math.Abs(got-value) > 1e-14*math.Ldexp(1, device.SumBits) {
					t.Errorf("D(%v) = %v, not %v", row, got, value)
				}
			}
		})
	}
}

// Sums are, to the last bit, what a device adds.
func TestSumsAreTheDevices(t *testing.T) {
	for _, triples := range []bool{false, true} {
		t.Run(fmt.Sprint("triples ", triples), func(t *testing.T) {
			r, dev := rand.New(rand.NewPCG(11, 12)), open(t)
			layout := cellLayout(simulatedCells())
			pairs := pairTables(layout, simulatedTables(triples))
			s, err := newSecondOrder(pairs, layout)
			if err != nil {
				t.Fatal(err)
			}
			defer s.close()
			const rows = 50
			batch, columns, indices := make([][]uint32, rows), make([]device.Codes, len(layout.Spans)), make([]uint32, rows)
			for i := range batch {
				batch[i], indices[i] = cellsOf(r, layout), uint32(i)
				for j, cell := range batch[i] {
					columns[j].U8 = append(columns[j].U8, uint8(cell))
				}
			}
			want := make([]int64, pairs.Weights)
			if err := s.add(batch, device.Draw{}, want); err != nil {
				t.Fatal(err)
			}
			for i, got := range deviceSums(t, dev, columns, pairs, indices) {
				if int64(got) != want[i] {
					t.Fatalf("weight %d: %d, and the device adds %d", i, want[i], int64(got))
				}
			}
		})
	}
}

func deviceSums(t *testing.T, dev device.Device, columns []device.Codes, pairs *device.PairTables, rows []uint32) []uint64 {
	t.Helper()
	buffer := func(kind device.Kind, n int) device.Buffer {
		b, err := dev.Alloc(kind, n)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	table, err := dev.NewTable(columns)
	if err != nil {
		t.Fatal(err)
	}
	defer table.Release()
	indices, count, sums := buffer(device.Uint32, len(rows)), buffer(device.Uint32, 1), buffer(device.Uint64, pairs.Weights)
	dev.Upload(indices, 0, rows)
	dev.Upload(count, 0, []uint32{uint32(len(rows))})
	dev.PairGradients(device.NewVector(sums, 0, pairs.Weights), table, pairs, indices, count)
	got := make([]uint64, pairs.Weights)
	if err := dev.Download(got, sums, 0); err != nil {
		t.Fatal(err)
	}
	return got
}

// cellsOf draws a record.
func cellsOf(r *rand.Rand, layout *device.Layout) (row []uint32) {
	for j := range layout.Spans {
		row = append(row, r.Uint32N(uint32(layout.Spans[j].Modes())))
	}
	return row
}
