package nets

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/gan/mixture"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"
)

// Whitening is the fixed affine map x·Weight + Bias through which a
// discriminator sees rows of cells x [D]: centred and scaled, so that rare and
// frequent cells weigh alike. It is made of paid tables and costs nothing.
type Whitening struct {
	Inputs, Outputs int
	Weight          []float32 // [Inputs, Outputs]
	Bias            []float32 // [Outputs]
}

const (
	whitenFloor  = 1e-3 // added to the variances
	whitenCut    = 1e-4 // axes with less variance are left out
	whitenLength = 4    // root mean square length of a white row
)

// NewWhitening takes the principal axes of the mixture's rows: x' = c·(x-μ)·V·(Λ + floor)^-½, with μ and VΛVᵀ the mean
// and covariance of the mixture's rows and c such that E‖x'‖² = whitenLength².
func NewWhitening(m *mixture.Mixture) (*Whitening, error) {
	d := m.Width()
	moments := m.Moments()
	mean, covariance := make([]float64, d), mat.NewSymDense(d, nil)
	for a := range d {
		mean[a] = float64(moments[a*d+a])
	}
	for a := range d {
		for b := range a + 1 {
			covariance.SetSym(a, b, float64(moments[a*d+b])-mean[a]*mean[b])
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(covariance, true) {
		return nil, fmt.Errorf("gan: whiten: the covariance of the cells has no eigenvectors")
	}
	values := eigen.Values(nil)
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	var axes []int
	length := 0.0
	for k, v := range values {
		if v >= whitenCut {
			axes = append(axes, k)
			length += v / (v + whitenFloor)
		}
	}
	if last := len(values) - 1; len(axes) == 0 { // the fakes are all but alike
		axes, length = []int{last}, 1
	}
	w := &Whitening{Inputs: d, Outputs: len(axes), Weight: make([]float32, d*len(axes)), Bias: make([]float32, len(axes))}
	c := whitenLength / math.Sqrt(length)
	for at, k := range axes {
		scale, shift := c/math.Sqrt(math.Max(values[k], 0)+whitenFloor), 0.0
		for a := range d {
			v := vectors.At(a, k) * scale
			w.Weight[a*len(axes)+at] = float32(v)
			shift -= mean[a] * v
		}
		w.Bias[at] = float32(shift)
	}
	return w, nil
}

// The names of a whitening's tensors.
const (
	whiteningWeight = "whitening.weight"
	whiteningBias   = "whitening.bias"
)

// addTo adds w to dst.
func (w *Whitening) addTo(dst Tensors) {
	dst[whiteningWeight] = tensor.New(tensor.WithShape(w.Inputs, w.Outputs), tensor.WithBacking(w.Weight))
	dst[whiteningBias] = tensor.New(tensor.WithShape(w.Outputs), tensor.WithBacking(w.Bias))
}

// ReadWhitening is the inverse of slice.
func ReadWhitening(src Tensors) (*Whitening, error) {
	weight, bias := src[whiteningWeight], src[whiteningBias]
	if weight == nil || bias == nil || weight.Dims() != 2 || bias.Dims() != 1 || weight.Shape()[1] != bias.Shape()[0] ||
		weight.Dtype() != tensor.Float32 || bias.Dtype() != tensor.Float32 {
		return nil, fmt.Errorf("gan: tensors %q and %q: missing or misshapen", whiteningWeight, whiteningBias)
	}
	return &Whitening{Inputs: weight.Shape()[0], Outputs: weight.Shape()[1], Weight: weight.Data().([]float32), Bias: bias.Data().([]float32)}, nil
}
