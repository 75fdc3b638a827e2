package devicetest

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/device"
)

// clipShapes are the widths of the layers: inputs and deltas.
var clipShapes = [][][2]int{{{1, 1}}, {{7, 3}, {3, 1}}, {{250, 64}, {64, 64}, {64, 1}}, {{33, 129}, {129, 2}}}

func testClipFactors(f *fixture) {
	for _, widths := range clipShapes {
		for _, rows := range []int{1, 31, 300} {
			for _, count := range []int{-1, 0, rows - 1, rows, rows + 5} {
				f.sub(fmt.Sprintf("layers %v/%d of %d", widths, count, rows), func(f *fixture) {
					inputs, deltas := f.gradients(widths, rows)
					var counted device.Buffer
					if count >= 0 {
						counted = f.words(uint32(count))
					}
					scale := f.putVector(constant(1, rows, 0.5)[0]) // of the batch before
					f.d.ClipFactors(scale, f.layers(inputs, deltas), 1.5, counted)
					want := constant(1, rows, 0)
					for i := range rows {
						if count < 0 || i < count {
							want[0][i] = clipFactor(1.5, norm(inputs, deltas, i), f.d.Precision())
						}
					}
					near(f.T, "scale", values{f.getVector(scale)}, want, within(want, 0, 1e-6))
				})
			}
		}
	}
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

func (f *fixture) layers(inputs, deltas []values) []device.LayerGradient {
	layers := make([]device.LayerGradient, len(inputs))
	for l := range layers {
		layers[l] = device.LayerGradient{Input: f.put(inputs[l]), Delta: f.put(deltas[l])}
	}
	return layers
}

// norm is the joint norm of record i's gradient, written out element by element.
func norm(inputs, deltas []values, i int) float64 {
	square := 0.0
	for l := range inputs {
		for _, d := range deltas[l][i] {
			square += d * d
			for _, x := range inputs[l][i] {
				square += x * d * x * d
			}
		}
	}
	return math.Sqrt(square)
}

func clipFactor(maxGradNorm, norm float64, precision device.Precision) float64 {
	if math.IsNaN(norm) || math.IsInf(norm, 0) {
		return 0
	}
	factor := min(1, maxGradNorm/((1+precision.ClipMargin())*norm))
	if factor < 0x1p-126 { // no normal float32
		return 0
	}
	return factor
}

// testClippedNorm: what one record adds to the sums, through the device's own
// clip factors and weight gradients, never exceeds max_grad_norm, whatever the
// record holds.
func testClippedNorm(f *fixture) {
	f.loose = true
	for _, widths := range [][][2]int{clipShapes[1], {{33, 40}, {40, 17}}} {
		for range 40 {
			inputs, deltas := f.gradients(widths, 5)
			// Norms from 1e-40 to 1e45, so that factors go down through the subnormal
			// numbers to none.
			size := math.Pow(10, (85*f.random.Float64()-40)/2)
			for l := range deltas {
				grow(inputs[l], size)
				grow(deltas[l], size)
				f.roundUp(inputs[l][4], size)
			}
			inputs[0][2][0] = math.MaxFloat32 // finite, unless it is rounded
			f.clippedNorm(inputs, deltas)
		}
	}
}

// roundUp sets row to what grows most when it is rounded: a bit more than half
// way from a power of two, near size, to its successor.
func (f *fixture) roundUp(row []float64, size float64) {
	x := math.Exp2(math.Floor(math.Log2(size))) * (1 + operandRounding(f.d.Precision())) * (1 + 0x1p-22)
	for j := range row {
		row[j] = float64(float32(x))
	}
}

func (f *fixture) clippedNorm(inputs, deltas []values) {
	const maxGradNorm = 0.5
	rows := len(inputs[0])
	scale, layers := f.putVector(make([]float64, rows)), f.layers(inputs, deltas)
	f.d.ClipFactors(scale, layers, maxGradNorm, nil)
	for i := range rows {
		square := 0.0
		for _, layer := range layers {
			dw, db := f.put(constant(layer.Input.Cols, layer.Delta.Cols, 0)), f.putVector(make([]float64, layer.Delta.Cols))
			one := device.NewVector(scale.Buffer, scale.Offset+i, 1)
			f.d.LinearBackwardWeights(dw, db, layer.Input.RowRange(i, i+1), layer.Delta.RowRange(i, i+1), one)
			for _, row := range append(f.get(dw), f.getVector(db)) {
				for _, g := range row {
					square += g * g
				}
			}
		}
		if n := math.Sqrt(square); !(n <= maxGradNorm) {
			f.Fatalf("a record with factor %v adds a gradient of norm %v, allowed %v: inputs %v, deltas %v", f.getVector(scale)[i], n, maxGradNorm, row(inputs, i), row(deltas, i))
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

func row(layers []values, i int) values {
	var rows values
	for _, l := range layers {
		rows = append(rows, l[i])
	}
	return rows
}
