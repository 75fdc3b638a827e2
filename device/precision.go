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
