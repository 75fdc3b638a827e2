package devicetest

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/device"
)

func testOwnCondition(f *fixture) {
	for _, l := range layouts() {
		for _, rows := range []int{1, 31, 1000} {
			f.sub(fmt.Sprintf("%s/%d", l.name, rows), func(f *fixture) {
				columns := f.columns(l.layout, rows)
				index := make([]uint32, rows)
				for i := range index {
					index[i] = uint32(i)
				}
				// The last rows are beyond the count: their condition is zero.
				x := expand(l.layout, columns, index, rows-rows/4)
				rng, draw := f.rng(11)
				if l.layout.ConditionWidth == 0 {
					dst := device.Matrix{Buffer: f.alloc(device.Float32, 0), Rows: rows}
					f.d.OwnCondition(dst, f.put(x), l.layout, rng)
					return
				}
				dst := f.hole(rows, l.layout.ConditionWidth)
				f.d.OwnCondition(dst, f.put(x), l.layout, rng)
				near(f.T, "dst", f.get(dst), ownCondition(l.layout, x, draw), exact)
			})
		}
	}
}

func ownCondition(layout *device.Layout, x values, draw device.Draw) values {
	c := constant(len(x), layout.ConditionWidth, 0)
	for i := range x {
		s := pick(layout, draw.Uniform(i))
		for k := range s.Modes() {
			c[i][s.Condition+k] = x[i][s.ModeStart()+k]
		}
	}
	return c
}

// pick is span number floor(u·S), multiplied in float32.
func pick(layout *device.Layout, u float32) *device.Span {
	spans := layout.Conditioned()
	return &layout.Spans[spans[int(math.Floor(float64(u*float32(len(spans)))))]]
}

// manyRows is enough for each mode of a small layout to be drawn often.
const manyRows = 5000

func testDrawCondition(f *fixture) {
	for _, l := range layouts() {
		for _, rows := range []int{1, 33, manyRows} {
			f.sub(fmt.Sprintf("%s/%d", l.name, rows), func(f *fixture) {
				rng, draw := f.rng(12)
				if l.layout.ConditionWidth == 0 {
					none := f.alloc(device.Float32, 0)
					f.d.DrawCondition(device.Matrix{Buffer: none, Rows: rows}, l.layout, device.NewVector(none, 0, 0), rng)
					return
				}
				chances, cumulative := f.distributions(l.layout)
				if s := pick(l.layout, draw.Uniform(0)); rows < manyRows {
					// The first row's v ties with the first sum: the next mode is right.
					for k := range s.Modes() {
						cumulative[s.Condition+k] = max(cumulative[s.Condition+k], float64(draw.Uniform(1)))
					}
					cumulative[s.Condition] = float64(draw.Uniform(1))
				}
				dst := f.hole(rows, l.layout.ConditionWidth)
				f.d.DrawCondition(dst, l.layout, f.putVector(cumulative), rng)
				got := f.get(dst)
				near(f.T, "dst", got, drawCondition(l.layout, cumulative, rows, draw), exact)
				if rows < manyRows || l.name == "wide" { // too many modes for a chi-square
					return
				}
				counts := make([]float64, l.layout.ConditionWidth)
				for _, row := range got {
					for k, x := range row {
						counts[k] += x
					}
				}
				chiSquare(f.T, "conditions", counts, chances)
			})
		}
	}
}

// distributions draws a distribution over the modes of each conditioned span:
// the chance of each condition cell, and the cumulative sums within spans.
func (f *fixture) distributions(layout *device.Layout) (chances, cumulative []float64) {
	chances, cumulative = make([]float64, layout.ConditionWidth), make([]float64, layout.ConditionWidth)
	spans := layout.Conditioned()
	for _, i := range spans {
		s := &layout.Spans[i]
		total := 0.0
		for k := range s.Modes() {
			chances[s.Condition+k] = 0.1 + f.random.Float64()
			total += chances[s.Condition+k]
		}
		sum := 0.0
		for k := s.Condition; k < s.Condition+s.Modes(); k++ {
			sum += chances[k] / total
			cumulative[k] = float64(float32(sum))
			chances[k] /= total * float64(len(spans))
		}
		// Rounding may leave the last sum below 1; a draw there takes the last mode.
		cumulative[s.Condition+s.Modes()-1] = float64(math.Nextafter32(1, 0))
	}
	return chances, cumulative
}

func drawCondition(layout *device.Layout, cumulative []float64, rows int, draw device.Draw) values {
	c := constant(rows, layout.ConditionWidth, 0)
	for i := range c {
		s, v := pick(layout, draw.Uniform(2*i)), float64(draw.Uniform(2*i+1))
		mode := s.Modes() - 1
		for k := s.Modes() - 1; k >= 0; k-- {
			if v < cumulative[s.Condition+k] {
				mode = k
			}
		}
		c[i][s.Condition+mode] = 1
	}
	return c
}
