package gan

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/device"
	"gonum.org/v1/gonum/mat"
)

// widestWhite is the widest row that is whitened: the map is a dense product,
// while a wide row that is all but zeros costs next to nothing.
const widestWhite = 1024

// WhitenColumns whitens each column on its own, by the shares of its modes p in
// the paid 1-way tables:
//
//	x' = c·(x-p)·V·(Λ + floor)^-½·Vᵀ,  VΛVᵀ = diag(p) - p·pᵀ
//
// and offsets, uniform in ±1, by their variance of ⅓; c makes E‖x'‖² =
// whitenLength². Rows stay Width wide. nil for rows wider than widestWhite, which
// are seen as they are.
func WhitenColumns(layout *device.Layout, shares [][]float64) (*Whitening, error) {
	d := layout.Width
	if d > widestWhite {
		return nil, nil
	}
	weight, mean, length := make([]float64, d*d), make([]float64, d), 0.0
	for j := range layout.Spans {
		span := &layout.Spans[j]
		if span.Offset {
			const variance = 1. / 3
			weight[span.Start*d+span.Start] = 1 / math.Sqrt(variance+whitenFloor)
			length += variance / (variance + whitenFloor)
		}
		copy(mean[span.ModeStart():], shares[j])
		white, kept, err := whitenModes(shares[j])
		if err != nil {
			return nil, fmt.Errorf("gan: whiten column %d: %w", j, err)
		}
		length += kept
		for a := range shares[j] {
			for b := range shares[j] {
				weight[(span.ModeStart()+a)*d+span.ModeStart()+b] = white.At(a, b)
			}
		}
	}
	c := whitenLength / math.Sqrt(math.Max(length, whitenCut))
	w := &Whitening{Inputs: d, Outputs: d, Weight: make([]float32, d*d), Bias: make([]float32, d)}
	shift := make([]float64, d)
	for a := range d {
		for b := range d {
			w.Weight[a*d+b] = float32(c * weight[a*d+b])
			shift[b] -= mean[a] * c * weight[a*d+b]
		}
	}
	for b := range shift {
		w.Bias[b] = float32(shift[b])
	}
	return w, nil
}

// whitenModes is V·(Λ + floor)^-½·Vᵀ of the modes of one column without the axes
// of no variance, and the variance that is left in all.
func whitenModes(p []float64) (*mat.SymDense, float64, error) {
	n := len(p)
	covariance := mat.NewSymDense(n, nil)
	for a := range n {
		for b := range a + 1 {
			covariance.SetSym(a, b, -p[a]*p[b])
		}
		covariance.SetSym(a, a, p[a]*(1-p[a]))
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(covariance, true) {
		return nil, 0, fmt.Errorf("the covariance of its modes has no eigenvectors")
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	out, length := mat.NewSymDense(n, nil), 0.0
	for k, v := range eigen.Values(nil) {
		if v < whitenCut/10 {
			continue
		}
		length += v / (v + whitenFloor)
		out.SymRankOne(out, 1/math.Sqrt(v+whitenFloor), vectors.ColView(k))
	}
	return out, length, nil
}
