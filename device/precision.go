package device

// Precision is what the matrix products of a device round their operands to.
// Sums, and all that is not a product of matrices, are float32 or better.
type Precision uint8

// The precisions.
const (
	SinglePrecision Precision = iota // float32: nothing is rounded
	TensorFloat32                    // 11 significant bits: tensor cores since Ampere
	BrainFloat16                     // 8 significant bits: AMX, tensor cores since Ampere
)

var precisionNames = [...]string{"float32", "tf32", "bfloat16"}

// String is the precision's name in configurations: float32, tf32 or bfloat16.
func (p Precision) String() string { return precisionNames[p] }

// PrecisionNames are the names that ParsePrecision knows.
func PrecisionNames() []string { return precisionNames[:] }

// ParsePrecision is the precision called name, and whether there is one.
func ParsePrecision(name string) (Precision, bool) {
	for p, known := range precisionNames {
		if known == name {
			return Precision(p), true
		}
	}
	return 0, false
}

// ClipMargin is η: clip factors aim at max_grad_norm/(1+η), so that rounding
// cannot lift a record above max_grad_norm. It covers the float32 sums (1e-4) and
// the rounding of both operands of the product that sums gradients: by half a unit
// in the last place each, (1+2⁻¹¹)² ≤ 1.00098 at 11 bits, (1+2⁻⁸)² ≤ 1.0079 at 8.
func (p Precision) ClipMargin() float64 {
	switch p {
	case TensorFloat32:
		return 0x1p-9
	case BrainFloat16:
		return 0x1p-6
	default:
		return 1e-4
	}
}
