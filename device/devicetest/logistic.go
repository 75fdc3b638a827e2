package devicetest

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/device"
)

func testLogisticDelta(f *fixture) {
	for _, rows := range []int{1, 5, 257, 3000} {
		for _, target := range []float32{0, 1} {
			f.sub(fmt.Sprintf("target %v/%d", target, rows), func(f *fixture) {
				logits := f.normal(rows, 1, 3)
				if rows > 4 {
					logits[1][0], logits[2][0], logits[3][0] = 0, 200, -200
				}
				delta, bare, stats := f.hole(rows, 1), f.hole(rows, 1), f.putVector([]float64{7, 7})
				f.d.LogisticDelta(delta, f.put(logits), target, 0.25, stats)
				f.d.LogisticDelta(bare, f.put(logits), target, 0.25, device.Vector{})
				want, mean, side := constant(rows, 1, 0), 0.0, 0.0
				for i := range want {
					z := logits[i][0]
					want[i][0] = slope(func() float64 { return 0.25 * crossEntropy(z, float64(target)) }, &z)
					mean += crossEntropy(z, float64(target)) / float64(rows)
					if target == 1 && z > 0 || target == 0 && z < 0 {
						side += 1 / float64(rows)
					}
				}
				got := f.get(delta)
				near(f.T, "delta", got, want, within(want, 2e-7, 1e-5))
				near(f.T, "delta without stats", f.get(bare), got, exact)
				summary := values{{mean, side}}
				near(f.T, "stats", values{f.getVector(stats)}, summary, within(summary, 1e-6, 1e-5))
			})
		}
	}
}

// crossEntropy is -target·ln σ(z) - (1-target)·ln(1-σ(z)).
func crossEntropy(z, target float64) float64 {
	return target*softplus(-z) + (1-target)*softplus(z)
}

// softplus is ln(1+eᶻ).
func softplus(z float64) float64 { return max(z, 0) + math.Log1p(math.Exp(-math.Abs(z))) }
