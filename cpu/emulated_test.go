package cpu

import (
	"math"
	"testing"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/device/devicetest"
)

// The device whose products round to BF16 passes the suite on machines without AMX too,
// with the three loops that need it in plain Go: which rows and shapes are rounded, and
// how they are packed, is the same code.
func TestEmulatedBrainFloat16(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the suite runs in other precisions")
	}
	k := generic
	k.strip, k.roundRows, k.roundPairs = stripPlain, roundRowsPlain, roundPairsPlain
	devicetest.RunAll(t, func(*testing.T) device.Device {
		d := New(2)
		d.kernels, d.precision = &k, device.BrainFloat16
		return d
	})
}

// setHalf stores BF16 number i of packed memory.
func setHalf(packed []float32, i int, x float32) {
	shift := 16 * (i % 2)
	word := math.Float32bits(packed[i/2])&^(0xffff<<shift) | math.Float32bits(x)>>16<<shift
	packed[i/2] = math.Float32frombits(word)
}

func roundRowsPlain(dst, src []float32, stride, rows, cols int) {
	for i := range rows {
		for j := range stripSize * steps(cols) {
			x := float32(0)
			if j < cols {
				x = bf16(src[i*stride+j])
			}
			setHalf(dst, j/stripSize*2*stepWords+i*stripSize+j%stripSize, x)
		}
	}
}

func roundPairsPlain(dst, src []float32, stride int, rows []int32, scale []float32, cols int) {
	for p := range (len(rows) + 1) / 2 * 2 {
		for j := range stripSize {
			x := float32(0)
			if p < len(rows) && j < cols {
				x = finite(scale[rows[p]] * src[int(rows[p])*stride+j])
			}
			setHalf(dst, p/2*2*stripSize+2*j+p%2, x)
		}
	}
}

func stripPlain(steps int, a, b []float32, skip int, init []float32, initRow int, c []float32, cRow, panels int) {
	for panel := range panels {
		terms := b[panel*(steps*stepWords+skip):]
		for i := range stripSize {
			for j := range stripSize {
				sum := init[i*initRow+panel*stripSize+j]
				for s := range steps {
					for p := range stripSize {
						sum += half(a[s*stepWords:], i*stripSize+p) * half(terms[s*stepWords:], p/2*2*stripSize+2*j+p%2)
					}
				}
				c[i*cRow+panel*stripSize+j] = sum
			}
		}
	}
}
