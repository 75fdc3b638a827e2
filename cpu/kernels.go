package cpu

import (
	"fmt"
	"os"
	"strings"
)

// SetVariable names the environment variable that forces an instruction set:
// generic, avx2 or avx512. Unset or empty, New takes the fastest there is.
const SetVariable = "DPGAN_CPU"

// kernels are the inner loops in one instruction set. Slices that a loop walks
// together must be as long as the first; the generated stubs document each.
type kernels struct {
	name               string
	tileRows, tileCols int // of one tile of a product
	lanes              int // of float32 in a vector: bitmaps and uniforms come in multiples

	pause       func()
	tile        func(k int, a []float32, aRow, aCol int, b, init []float32, initRow int, c []float32, cRow, cols int)
	packRows    func(dst, src []float32, stride int, rows []int32, cols int)
	packScaled  func(dst, src []float32, stride int, rows []int32, scale []float32, cols int)
	transpose   func(dst []float32, dstStride int, src []float32, srcStride, blocks int)
	dot         func(x, y []float32) float32
	axpy        func(dst, src []float32, factor float32)
	gatherRows  func(y, w []float32, stride int, columns []int32, values []float32)
	scatterRows func(dw, x []float32, stride int, columns []int32, values []float32)
	nonzeros    func(bits []uint8, x []float32)

	// Sums of integers, two of 16 bits to a word.
	gridPair    func(words []uint32, even, odd []float32, evenFactor, oddFactor float32) (evenSquares, oddSquares int64)
	sumTile     func(pairs int, a []uint32, aRow, aCol int, b []uint32, bRow int, c []uint64, cRow int)
	scatterSums func(dw []uint64, s []int32, stride int, columns, values []int32)

	// Products of operands rounded to BF16, two to a float32; nil without them.
	strip      func(steps int, a, b []float32, skip int, init []float32, initRow int, c []float32, cRow, panels int)
	roundRows  func(dst, src []float32, stride, rows, cols int)
	roundPairs func(dst, src []float32, stride int, rows []int32, scale []float32, cols int)

	activate     func(y []float32, slope float32)
	dropout      func(y, u []float32, slope, keep, rate float32)
	derive       func(gradient, y []float32, above, below float32)
	add          func(dst, src []float32)
	deriveScaled func(dst, x, y []float32, factor, above, below float32)
	sumSquares   func(x []float32) float64
	addScaled    func(sums []float64, x []float32, factor float32)
	sumRows      func(sums []float64, src []float32, stride int, rows []int32, scale []float32)
	average      func(dst, src []float32, decay, weight float32)
	uniform      func(dst []float32, seed uint64, block, stream uint32, step uint64)
	gumbel       func(u, logits []float32)
	exp          func(x []float32)
	descend      func(x []float32, scale float32) int
	share        func(dst, e []float32)
	shareBack    func(dst, g, soft []float32, scale float32)
	noise        func(dst []uint64, state *[12]uint32, sigma float64) (open uint64)
	noised       func(gradient []float32, private, public, noise []uint64, perPrivate, perPublic float64)

	squareDistances func(sums, means []float64, x []float32)
	normalise       func(y, x, shift, factor, beta []float32)
	normSums        func(plain, weighted []float64, gradient, x, y, mean, inverse []float32)
	normBack        func(dx, gradient, x, y, mean, inverse, factor, plain, weighted []float32)

	adam func(parameters, first, second, gradient []float32, beta1, rest1, beta2, rest2, rate, correction, epsilon float32)
}

// choose finds the kernels called name, or the fastest for "".
func choose(name string) (*kernels, error) {
	available := append(vectorKernels(), &generic)
	if name == "" {
		return available[0], nil
	}
	var names []string
	for _, k := range available {
		if k.name == name {
			return k, nil
		}
		names = append(names, k.name)
	}
	return &generic, fmt.Errorf("cpu: %s=%s: this machine has %s", SetVariable, name, strings.Join(names, ", "))
}

func chooseByEnvironment() (*kernels, error) { return choose(os.Getenv(SetVariable)) }
