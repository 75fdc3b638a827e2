package devicetest

import (
	"fmt"
	"math"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// clipShapes are the widths of the layers: inputs and deltas.
var clipShapes = [][][2]int{{{1, 1}}, {{7, 3}, {3, 1}}, {{250, 64}, {64, 64}, {64, 1}}, {{33, 129}, {129, 2}}, {{12, 32}, {24, 16}}, {{600, 20}, {20, 1}}}

// testClippedSum: to the last bit what device.ClipRecord says of each record that
// counts, added to what was there.
func testClippedSum(f *fixture) {
	for _, widths := range clipShapes {
		for _, rows := range []int{1, 31, 300} {
			for _, count := range []int{-1, 0, rows - 1, rows, rows + 5} {
				f.sub(fmt.Sprintf("layers %v/%d of %d", widths, count, rows), func(f *fixture) {
					const maxGradNorm = 1.5
					inputs, deltas := f.gradients(widths, rows)
					f.thin(inputs[0])
					r := f.records(inputs, deltas)
					before := f.integers(r.size)
					sum, counted := f.putSums(before), device.Buffer(nil)
					if count >= 0 {
						counted = f.words(uint32(count))
					}
					f.d.ClippedSum(sum, r.layers, maxGradNorm, counted)
					for i := range rows {
						if count < 0 || i < count {
							r.add(before, i, maxGradNorm)
						}
					}
					f.checkSums("sum", sum, before)
				})
			}
		}
	}
}

// testHostileRecords: what one record adds is never longer than max_grad_norm, in
// exact arithmetic, whatever it holds; in particular where rounding makes it longer.
func testHostileRecords(f *fixture) {
	f.loose = true
	for _, widths := range [][][2]int{clipShapes[1], {{33, 40}, {40, 17}}} {
		for range 40 {
			inputs, deltas := f.gradients(widths, 6)
			// Norms from 1e-40 to 1e45: factors go down through the subnormal numbers.
			size := math.Pow(10, (85*f.random.Float64()-40)/2)
			for l := range deltas {
				grow(inputs[l], size)
				grow(deltas[l], size)
				for j := range deltas[l][4] { // all of them round up
					deltas[l][4][j] = float64(float32(1e10 * (1 + 1e-3*f.random.Float64())))
				}
			}
			inputs[0][2][0] = math.MaxFloat32
			maxGradNorm := math.Pow(10, 8*f.random.Float64()-4)
			for i := range inputs[0] {
				r := f.records(rowOf(inputs, i), rowOf(deltas, i))
				sum := f.putSums(make([]int64, r.size))
				f.d.ClippedSum(sum, r.layers, maxGradNorm, nil)
				if square := squares(f.getSums(sum)); square > 1<<(2*device.SumBits) {
					f.Fatalf("a record adds a gradient of norm %v max_grad_norm: inputs %v, deltas %v", math.Sqrt(float64(square))/(1<<device.SumBits), rowOf(inputs, i), rowOf(deltas, i))
				}
			}
		}
	}
}

// testCrowds: a sum of ≥ 30,000 records is what each of them adds, and one more moves it
// by what it adds to an empty one, to the last bit (-short: of fewer): records all alike,
// near to one direction as early in training, and small ones that a float32 would round
// up or down by what came before.
func testCrowds(f *fixture) {
	crowd := 32_000
	if testing.Short() {
		crowd = 4_000
	}
	for _, kind := range []string{"alike", "benign", "adversarial"} {
		f.T.Run(kind, func(t *testing.T) {
			f := &fixture{t, f.d, f.random, false, f.placed}
			member := f.crowdMember(kind, crowd)
			sum, each := f.sumCrowd(crowd, member)
			without := f.getSums(sum)
			for i := range without {
				if without[i] != each[i] {
					t.Fatalf("element %d of a sum of %d is %d, and what they add %d", i, crowd, without[i], each[i])
				}
			}
			x, delta := member(0)
			r := f.records([]values{{x}}, []values{{delta}})
			f.d.ClippedSum(sum, r.layers, 1, nil)
			with, alone := f.getSums(sum), make([]int64, r.size)
			r.add(alone, 0, 1)
			for i := range with {
				if with[i]-without[i] != alone[i] {
					t.Fatalf("one record more moves element %d of a sum of %d by %d, alone it adds %d",
						i, crowd, with[i]-without[i], alone[i])
				}
			}
		})
	}
}

// crowdMember makes record i of a crowd of a kind: its input and delta.
func (f *fixture) crowdMember(kind string, crowd int) func(i int) (x, delta []float64) {
	one, oneDelta := f.normal(1, 33, 1), f.normal(1, 17, 1)
	return func(i int) (x, delta []float64) {
		switch kind {
		case "alike":
			return one[0], oneDelta[0]
		case "benign":
			return f.near(one[0]), f.near(oneDelta[0])
		}
		size := 1e3
		if i >= crowd/2 {
			size = math.Ldexp(1.2, -f.random.IntN(24))
		}
		delta = make([]float64, 17)
		delta[0] = float64(float32(size))
		x = make([]float64, 33)
		x[0] = 100
		return x, delta
	}
}

// sumCrowd adds up a crowd's clipped gradients, in chunks, and what each of them adds.
func (f *fixture) sumCrowd(crowd int, member func(i int) (x, delta []float64)) (sum device.Vector, each []int64) {
	const chunk = 1_000
	for from := 0; from < crowd; from += chunk {
		inputs, deltas := values{}, values{}
		for i := from; i < from+chunk; i++ {
			x, delta := member(i)
			inputs, deltas = append(inputs, x), append(deltas, delta)
		}
		r := f.records([]values{inputs}, []values{deltas})
		if from == 0 {
			sum, each = f.putSums(make([]int64, r.size)), make([]int64, r.size)
		}
		f.d.ClippedSum(sum, r.layers, 1, nil)
		for i := range chunk {
			r.add(each, i, 1)
		}
	}
	return sum, each
}

// near is v with 20 % noise.
func (f *fixture) near(v []float64) []float64 {
	out := make([]float64, len(v))
	for j, x := range v {
		out[j] = float64(float32(x * (1 + 0.2*f.random.NormFloat64())))
	}
	return out
}

// gradients draws inputs and deltas so that some rows are clipped, some not,
// some are zero and some are hostile.
func (f *fixture) gradients(widths [][2]int, rows int) (inputs, deltas []values) {
	for _, w := range widths {
		inputs = append(inputs, f.normal(rows, w[0], 1))
		deltas = append(deltas, f.normal(rows, w[1], 1))
	}
	for i := range rows {
		size := math.Pow(10, 2*f.random.Float64()-2.5)
		for l := range deltas {
			for j := range deltas[l][i] {
				deltas[l][i][j] = float64(float32(deltas[l][i][j] * size))
			}
		}
		f.spoil(inputs, deltas, i)
	}
	return inputs, deltas
}

// hostile are values that rows are spoiled with.
var hostile = []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat32, 1e30, 1e-40, 0}

// spoil puts hostile values into about half of the rows.
func (f *fixture) spoil(inputs, deltas []values, i int) {
	if i%2 == 0 {
		return
	}
	layer, bad := f.random.IntN(len(inputs)), hostile[i/2%len(hostile)]
	row := inputs[layer][i]
	if f.random.IntN(2) == 0 {
		row = deltas[layer][i]
	}
	if i%4 == 1 {
		for j := range row {
			row[j] = float64(float32(bad))
		}
	} else {
		row[f.random.IntN(len(row))] = float64(float32(bad))
	}
}

// thin leaves a few elements of each row of a wide matrix, in half of the cases.
func (f *fixture) thin(v values) {
	if len(v[0]) < 500 || f.random.IntN(2) == 0 {
		return
	}
	for _, row := range v {
		for j := range row {
			if f.random.IntN(50) > 0 {
				row[j] = 0
			}
		}
	}
}

func grow(v values, size float64) {
	for i := range v {
		for j := range v[i] {
			v[i][j] = float64(float32(v[i][j] * size))
		}
	}
}

// rowOf is row i of each layer.
func rowOf(layers []values, i int) []values {
	var rows []values
	for _, l := range layers {
		rows = append(rows, values{l[i]})
	}
	return rows
}
