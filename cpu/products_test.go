package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// Each tile and each packing, at odd sizes and strides, against plain loops.
func TestProductKernels(t *testing.T) {
	eachSet(t, func(t *testing.T, k *kernels) {
		random := rand.New(rand.NewPCG(3, 4))
		for _, depth := range []int{0, 1, 2, 7, 33} {
			for _, cols := range []int{1, 2, 7, 8, 9, k.tileCols - 1, k.tileCols} {
				t.Run(fmt.Sprintf("%dx%d", depth, cols), func(t *testing.T) {
					testTile(t, k, random, depth, cols)
					testPacking(t, k, random, depth, cols)
				})
			}
		}
	})
}

func testTile(t *testing.T, k *kernels, random *rand.Rand, depth, cols int) {
	const gap = 3
	rows := k.tileRows
	stride := cols + gap
	panel := operand(t, random, depth*k.tileCols)
	for _, layout := range []struct{ row, col int }{{depth + gap, 1}, {1, rows}, {1, rows + gap}} {
		a := operand(t, random, (rows-1)*layout.row+max(depth-1, 0)*layout.col+min(depth, 1))
		for _, startRow := range []int{0, stride} {
			start := operand(t, random, (rows-1)*startRow+cols)
			c := operand(t, random, (rows-1)*stride+cols)
			want := twin(c)
			for i := range rows {
				for j := range cols {
					sum := float64(start[i*startRow+j])
					for p := range depth {
						sum += float64(a[i*layout.row+p*layout.col]) * float64(panel[p*k.tileCols+j])
					}
					want[i*stride+j] = float32(sum)
				}
			}
			k.tile(depth, a, layout.row, layout.col, panel, start, startRow, c, stride, cols)
			close32(t, "tile", c, want, 1e-5)
		}
	}
}

func testPacking(t *testing.T, k *kernels, random *rand.Rand, depth, cols int) {
	const gap = 3
	stride, rows := cols+gap, 2*depth
	src, scale := operand(t, random, max(0, rows-1)*stride+min(rows, 1)*cols), operand(t, random, rows)
	list := fenced[int32](t, depth)
	for p := range list {
		list[p] = int32(random.IntN(rows))
	}
	narrow := min(cols, k.tileRows)
	strip, panel := operand(t, random, depth*k.tileRows), operand(t, random, depth*k.tileCols)
	k.packRows(strip, src, stride, list, narrow)
	k.packScaled(panel, src, stride, list, scale, cols)
	for p, row := range list {
		for j, got := range strip[p*k.tileRows:][:k.tileRows] {
			if want := at(src, int(row)*stride, j, narrow); got != want {
				t.Fatalf("packRows: row %d, column %d is %v, want %v", p, j, got, want)
			}
		}
		for j, got := range panel[p*k.tileCols:][:k.tileCols] {
			if want := scale[row] * at(src, int(row)*stride, j, cols); got != want {
				t.Fatalf("packScaled: row %d, column %d is %v, want %v", p, j, got, want)
			}
		}
	}
	square, turned := operand(t, random, 7*(16+gap)+16), operand(t, random, 15*(8+gap)+8)
	k.transpose(turned, 8+gap, square, 16+gap, 2)
	for i := range 8 {
		for j := range 16 {
			if turned[j*(8+gap)+i] != square[i*(16+gap)+j] {
				t.Fatalf("transpose: element %d, %d", i, j)
			}
		}
	}
}

// at is row[j], or 0 beyond cols.
func at(row []float32, from, j, cols int) float32 {
	if j >= cols {
		return 0
	}
	return row[from+j]
}

// Gather, scatter and bitmap against plain loops, at odd widths.
func TestSparseKernels(t *testing.T) {
	eachSet(t, func(t *testing.T, k *kernels) {
		random := rand.New(rand.NewPCG(5, 6))
		for _, n := range kernelLengths {
			const rows, gap = 9, 3
			stride := n + gap
			w, y := operand(t, random, (rows-1)*stride+n), operand(t, random, n)
			columns, values := fenced[int32](t, 5), operand(t, random, 5)
			for i := range columns {
				columns[i] = int32(random.IntN(rows))
			}
			y2, w2 := twin(y), twin(w)
			k.gatherRows(y, w, stride, columns, values)
			generic.gatherRows(y2, w2, stride, columns, values)
			close32(t, "gatherRows", y, y2, 1e-5)
			k.scatterRows(w, y, stride, columns, values)
			generic.scatterRows(w2, y2, stride, columns, values)
			close32(t, "scatterRows", w, w2, 1e-5)

			x := operand(t, random, n/k.lanes*k.lanes)
			for i := range x {
				if random.IntN(3) > 0 {
					x[i] = []float32{0, float32(math.Copysign(0, -1))}[i%2]
				} else if random.IntN(4) == 0 {
					x[i] = float32(math.NaN())
				}
			}
			got, want := fenced[uint8](t, len(x)/8), make([]uint8, len(x)/8)
			k.nonzeros(got, x)
			generic.nonzeros(want, x)
			if !slices.Equal(got, want) {
				t.Fatalf("nonzeros of %v: %08b, want %08b", x, got, want)
			}
		}
	})
}

// A matrix that is nearly all zeros gives, by gather and scatter, the bits of the
// dense product; a row that is not is left to that product.
func TestSparseIsDense(t *testing.T) {
	for _, set := range append(vectorKernels(), &generic) {
		for _, threads := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s/threads=%d", set.name, threads), func(t *testing.T) {
				t.Setenv(SetVariable, set.name)
				d := New(threads)
				defer d.Close()
				const batch, columns, width = 101, 1003, 37
				s := newStep(t, d, batch, columns, width)
				random := rand.New(rand.NewPCG(7, 8))
				host := make([]float32, batch*columns)
				for i := range batch {
					for range random.IntN(columns / sparseShare) {
						host[i*columns+random.IntN(columns)] = float32(random.NormFloat64())
					}
				}
				d.Upload(s.x.Buffer, 0, host)
				x := d.begin("").matrix("x", s.x, batch, columns)
				if !d.findSparse(x) || !d.sparse.whole() {
					t.Fatal("the matrix is not found to be sparse")
				}
				y, dw, db := denseTwin(t, d, s)
				s.forward()
				s.weights()
				same(t, d, "y", s.values[0].Buffer, y)
				same(t, d, "dw and db", s.dw[0].Buffer, append(dw, db...))

				for j := range columns / sparseShare * 2 {
					host[j+batch/2*columns] = 1
				}
				d.Upload(s.x.Buffer, 0, host)
				if !d.findSparse(x) || d.sparse.whole() {
					t.Error("a matrix with one dense row is found to be all sparse, or not at all")
				}
				y, dw, db = denseTwin(t, d, s)
				d.Fill(device.NewVector(s.dw[0].Buffer, 0, s.dw[0].Buffer.Len()), 0)
				s.forward()
				s.weights()
				same(t, d, "y with a dense row", s.values[0].Buffer, y)
				same(t, d, "dw and db with a dense row", s.dw[0].Buffer, append(dw, db...))
			})
		}
	}
}

// Whether a row is gathered hangs on that row alone. A weight that is infinite shows it:
// times the zero of a sparse row it is no number in a dense product, and left out else.
func TestRowsAreGatheredByThemselves(t *testing.T) {
	for _, k := range append(vectorKernels(), &generic) {
		t.Setenv(SetVariable, k.name)
		d := New(2)
		defer d.Close()
		const batch, columns, width = 40, 600, 32
		s := newStep(t, d, batch, columns, width)
		d.Fill(device.NewVector(s.w[0].Buffer, s.w[0].Offset+300*width, width), float32(math.Inf(1)))
		for dense := range batch {
			host := make([]float32, batch*columns)
			for i := range batch {
				host[i*columns+i] = 1
			}
			for j := range columns {
				host[dense*columns+j] = 1
			}
			d.Upload(s.x.Buffer, 0, host)
			s.forward()
			y := make([]float32, batch*width)
			if err := d.Download(y, s.values[0].Buffer, 0); err != nil {
				t.Fatal(err)
			}
			for i := range batch {
				if finite := y[i*width]-y[i*width] == 0; finite == (i == dense) {
					t.Fatalf("%s: row %d of a batch with only row %d dense is %v", k.name, i, dense, y[i*width])
				}
			}
		}
	}
}

// denseTwin is the layer and its gradient by the dense product.
func denseTwin(t *testing.T, d *Device, s *step) (y, dw, db []float32) {
	t.Helper()
	batch, columns, width := s.x.Rows, s.x.Cols, s.w[0].Cols
	o := d.begin("denseTwin")
	x, w := o.matrix("x", s.x, batch, columns), o.matrix("w", s.w[0], columns, width)
	delta := o.matrix("dy", s.deltas[0], batch, width)
	y = make([]float32, batch*width)
	layer := &product{kernels: d.kernels, a: x, b: d.pack(w, false, false), c: matrix{y, batch, width, width}, start: o.vector("b", s.b[0], width)}
	d.pool.split(batch, roundUp(rowsPerProduct, d.tileRows), layer)

	rows, sums := slices.Clone(d.everyRow(batch)), make([]float64, width)
	packed := make([]float32, d.packedLen(batch, width))
	d.pool.split((width+d.tileCols-1)/d.tileCols, 1, &panels{kernels: d.kernels, dst: packed, m: delta, rows: rows, scale: d.ones})
	dw, db = make([]float32, columns*width), make([]float32, width)
	g := &gradient{kernels: d.kernels, x: x, delta: delta, into: matrix{dw, columns, width, width}, chunk: rows, scale: d.ones, packed: packed, sums: sums}
	d.pool.split(1+(columns+g.blockRows()-1)/g.blockRows(), 1, g)
	for j, sum := range sums {
		db[j] = float32(sum)
	}
	return y, dw, db
}

func same(t *testing.T, d *Device, name string, on device.Buffer, want []float32) {
	t.Helper()
	got := make([]float32, len(want))
	if err := d.Download(got, on, 0); err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%s: element %d is %v, by the dense product %v", name, i, got[i], want[i])
		}
	}
}
