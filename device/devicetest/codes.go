package devicetest

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/device"
)

func testDrawCodes(f *fixture) {
	for _, l := range layouts() {
		for _, rows := range headRows {
			for _, conditioned := range []bool{false, true} {
				if conditioned && l.layout.ConditionWidth == 0 {
					continue
				}
				f.sub(fmt.Sprintf("%s/conditioned=%v/%d", l.name, conditioned, rows), func(f *fixture) {
					logits, condition := f.normal(rows, l.layout.Width, 2), constant(rows, l.layout.ConditionWidth, 0)
					var given device.Matrix
					if conditioned {
						condition = f.conditions(l.layout, rows)
						given = f.put(condition)
					}
					rng, draw := f.rng(41)
					codes := f.alloc(device.Uint32, rows*len(l.layout.Spans))
					f.d.DrawCodes(codes, f.put(logits), given, l.layout, rng)
					got := make([]uint32, codes.Len())
					download(f, got, codes, 0)
					checkCodes(f, l.layout, got, logits, condition, draw)
				})
			}
		}
	}
	testFrequencies(f)
}

// checkCodes compares codes with scores in float64. Where two scores, or two
// codes of a mode, are too close to tell in float32, either is right.
func checkCodes(f *fixture, layout *device.Layout, codes []uint32, logits, condition values, draw device.Draw) {
	f.Helper()
	for i := range logits {
		given, wish := named(layout, condition[i])
		for k := range layout.Spans {
			s := &layout.Spans[k]
			code := codes[i*len(layout.Spans)+k]
			mode := s.Mode(code)
			scores, best := make([]float64, s.Modes()), 0
			for m := range scores {
				cell := s.ModeStart() + m
				scores[m] = logits[i][cell] + gumbel(draw, i*layout.Width+cell)
				if scores[m] > scores[best] {
					best = m
				}
			}
			if k == given && mode != wish {
				f.Fatalf("row %d, span %d: mode %d, but the condition names %d", i, k, mode, wish)
			}
			if k != given && scores[mode] < scores[best]-1e-5 {
				f.Fatalf("row %d, span %d: mode %d scores %v, mode %d scores %v", i, k, mode, scores[mode], best, scores[best])
			}
			position := 0.0
			if s.Offset {
				position = math.Tanh(logits[i][s.Start])
			}
			width := float64(s.Edges[mode+1] - s.Edges[mode])
			at := float64(s.Edges[mode]) + (position+1)/2*(width-1)
			if math.Abs(float64(code)-at) > 0.5+1e-6*width {
				f.Fatalf("row %d, span %d: code %d, want the one nearest to %v", i, k, code, at)
			}
		}
	}
}

// testFrequencies: with the same logits in each row, modes follow their softmax.
func testFrequencies(f *fixture) {
	const rows = 20000
	l := layouts()[0].layout
	logits := constant(rows, l.Width, 0)
	for j, v := range f.normal(1, l.Width, 1)[0] {
		for i := range logits {
			logits[i][j] = v
		}
	}
	rng, _ := f.rng(42)
	codes := f.alloc(device.Uint32, rows*len(l.Spans))
	f.d.DrawCodes(codes, f.put(logits), device.Matrix{}, l, rng)
	got := make([]uint32, codes.Len())
	download(f, got, codes, 0)
	for k := range l.Spans {
		s := &l.Spans[k]
		counts := make([]float64, s.Modes())
		for i := range rows {
			counts[s.Mode(got[i*len(l.Spans)+k])]++
		}
		chance := append([]float64(nil), logits[0][s.ModeStart():s.ModeStart()+s.Modes()]...)
		softmax(chance)
		chiSquare(f.T, fmt.Sprintf("modes of span %d", k), counts, chance)
	}
}
