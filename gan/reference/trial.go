package reference

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

// trial is the run that Verify makes on a device of some precision, and how far from
// the reference its results may lie.
type trial struct {
	// seed keys everything that is drawn. A near tie between two modes of a fake,
	// turned by rounding, would change a whole row and all that follows; with these
	// seeds the closest is decided by far more than what logits differ by.
	// Report.Margin says it each time.
	seed                     uint64
	generator, discriminator []int   // hidden widths
	fakes                    int     // a generator batch
	heads                    float32 // factor on the first weights of the heads
	generatorRate            float64 // learning rate
	norm                     float64 // max_grad_norm: some records lie below and some above
	tolerance                float64
	rounds                   bool // tensors are compared by net and kind, and rows are seen as they are
}

// trialOf is the trial for devices whose products round to precision.
//
// For float32 the closest tie is decided by 3e-4 in 40 steps, where logits differ by
// some 1e-6. Where products round, the layers are as wide as it
// takes for the CPU's tiles, and logits are small against the noise that is added to
// them, so that their errors are too; ties are decided by 1e-3 in 40 steps,
// where logits in BF16 differ by some 3e-4. Rows are not whitened there: more of what
// is centred lies so near to 0 that rounding turns its sign.
func trialOf(precision device.Precision) trial {
	if precision == device.SinglePrecision {
		return trial{seed: 2950, norm: 0.72, generator: []int{16, 12}, discriminator: []int{16, 12, 8}, fakes: 32, heads: 1,
			generatorRate: 1e-3, tolerance: Tolerance}
	}
	return trial{seed: 54, norm: 0.65, generator: []int{32, 32}, discriminator: []int{32, 24, 16}, fakes: 8, heads: 1. / 64,
		generatorRate: 1e-4, tolerance: roundedTolerance(precision), rounds: true}
}

// roundedTolerance is √u, if operands are rounded by up to u of their size (2⁻¹¹ in
// TF32, 2⁻⁸ in BF16). Rounding itself moves a gradient by a few u. More comes of the
// affine outputs so close to 0 that rounding turns their sign, and with it the slope of
// the activation: a share of about u of them, whose part of a root mean square is √u.
func roundedTolerance(precision device.Precision) float64 {
	if precision == device.TensorFloat32 {
		return math.Sqrt(0x1p-11)
	}
	return math.Sqrt(0x1p-8)
}
