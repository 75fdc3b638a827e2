package cpu

import (
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// eachSet runs test on every instruction set of this machine but the generic one,
// what the others are compared with.
func eachSet(t *testing.T, test func(t *testing.T, k *kernels)) {
	sets := vectorKernels()
	if len(sets) == 0 {
		t.Skip("this machine has no kernels of its own")
	}
	for _, k := range sets {
		t.Run(k.name, func(t *testing.T) { test(t, k) })
	}
}

// operand draws n normals into memory that ends where nothing is mapped.
func operand(t *testing.T, random *rand.Rand, n int) []float32 {
	x := fenced[float32](t, n)
	for i := range x {
		x[i] = float32(random.NormFloat64())
	}
	return x
}

func twin(x []float32) []float32 { return append([]float32{}, x...) }

func close32(t *testing.T, name string, got, want []float32, relative float64) {
	t.Helper()
	for i := range want {
		g, w := float64(got[i]), float64(want[i])
		if g != w && !(math.IsNaN(g) && math.IsNaN(w)) && !(math.Abs(g-w) <= relative*(1+math.Abs(w))) {
			t.Fatalf("%s: element %d of %d is %v, want %v", name, i, len(want), g, w)
		}
	}
}

// Lengths around whole vectors and their multiples.
var kernelLengths = []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 95, 127, 130, 257}

// Each kernel does what its generic twin does, at each length, and touches
// nothing beyond its operands.
func TestElementwiseKernels(t *testing.T) {
	eachSet(t, func(t *testing.T, k *kernels) {
		random := rand.New(rand.NewPCG(1, 2))
		hostile := []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 0, float32(math.Copysign(0, -1)), 1e-40, math.MaxFloat32}
		for _, n := range kernelLengths {
			draw := func() []float32 { return operand(t, random, n) }
			spoiled := func() []float32 {
				x := draw()
				for i := range x {
					if random.IntN(6) == 0 {
						x[i] = hostile[random.IntN(len(hostile))]
					}
				}
				return x
			}
			for _, slope := range []float32{0, 0.2} {
				x, u := spoiled(), draw()
				y, z := twin(x), twin(x)
				k.activate(x, slope)
				generic.activate(y, slope)
				close32(t, "activate", x, y, 0)
				for i := range u {
					u[i] = device.UnitInterval(random.Uint32())
				}
				if n > 0 {
					u[0] = 0.25
				}
				copy(x, z)
				k.dropout(x, u, slope, 4.0/3, 0.25)
				generic.dropout(z, u, slope, 4.0/3, 0.25)
				close32(t, "dropout", x, z, 0)
			}
			x, y := draw(), spoiled()
			z := twin(x)
			k.derive(x, y, 2, 0.4)
			generic.derive(z, y, 2, 0.4)
			close32(t, "derive", x, z, 0)
			k.deriveScaled(x, z, y, 0.3, 2, 0.4)
			generic.deriveScaled(z, twin(z), y, 0.3, 2, 0.4)
			close32(t, "deriveScaled", x, z, 0)
			k.add(x, y)
			generic.add(z, y)
			close32(t, "add", x, z, 0)
			x, y = draw(), draw()
			z = twin(x)
			k.axpy(x, y, 0.3)
			generic.axpy(z, y, 0.3)
			close32(t, "axpy", x, z, 1e-6)
			k.average(x, y, 0.9, 0.1)
			generic.average(z, y, 0.9, 0.1)
			close32(t, "average", x, z, 1e-6)
			close32(t, "dot", []float32{k.dot(x, y)}, []float32{generic.dot(x, y)}, 2e-5)
			if got, want := k.sumSquares(x), generic.sumSquares(x); math.Abs(got-want) > 1e-12*want {
				t.Fatalf("sumSquares of %d is %v, want %v", n, got, want)
			}
			m, v, g := draw(), operand(t, random, n), draw()
			for i := range v {
				v[i] *= v[i]
			}
			x2, m2, v2, g2 := twin(x), twin(m), twin(v), twin(g)
			k.adam(x, m, v, g, 0.5, 0.5, 0.9, 0.1, 1e-2, 1.5, 1e-8)
			generic.adam(x2, m2, v2, g2, 0.5, 0.5, 0.9, 0.1, 1e-2, 1.5, 1e-8)
			close32(t, "adam: parameters", x, x2, 1e-6)
			close32(t, "adam: first", m, m2, 1e-6)
			close32(t, "adam: second", v, v2, 1e-6)
			close32(t, "adam: gradient", g, make([]float32, n), 0)
			testDoubles(t, k, random, n)
			testSpan(t, k, draw(), draw())
		}
	})
}

// testDoubles is for kernels that keep sums in float64.
func testDoubles(t *testing.T, k *kernels, random *rand.Rand, n int) {
	t.Helper()
	doubles := func() ([]float64, []float64) {
		x := fenced[float64](t, n)
		for i := range x {
			x[i] = random.NormFloat64()
		}
		return x, append([]float64{}, x...)
	}
	close64 := func(name string, got, want []float64) {
		t.Helper()
		for i := range want {
			if !(math.Abs(got[i]-want[i]) <= 1e-6*(1+math.Abs(want[i]))) {
				t.Fatalf("%s: element %d of %d is %v, want %v", name, i, n, got[i], want[i])
			}
		}
	}
	sums, sums2 := doubles()
	means, means2 := doubles()
	x, y, g := operand(t, random, n), operand(t, random, n), operand(t, random, n)
	mean, inverse, factor, beta := operand(t, random, n), operand(t, random, n), operand(t, random, n), operand(t, random, n)
	k.addScaled(sums, x, 0.3)
	generic.addScaled(sums2, x, 0.3)
	close64("addScaled", sums, sums2)
	const rows, gap = 7, 3
	src, list, scale := operand(t, random, (rows-1)*(n+gap)+n), fenced[int32](t, 4), operand(t, random, rows)
	for i := range list {
		list[i] = int32(random.IntN(rows))
	}
	k.sumRows(sums, src, n+gap, list, scale)
	generic.sumRows(sums2, src, n+gap, list, scale)
	close64("sumRows", sums, sums2)
	k.squareDistances(sums, means, x)
	generic.squareDistances(sums2, means2, x)
	close64("squareDistances", sums, sums2)
	k.normSums(sums, means, g, x, y, mean, inverse)
	generic.normSums(sums2, means2, g, x, y, mean, inverse)
	close64("normSums: plain", sums, sums2)
	close64("normSums: weighted", means, means2)
	out, out2 := operand(t, random, n), make([]float32, n)
	k.normalise(out, x, mean, factor, beta)
	generic.normalise(out2, x, mean, factor, beta)
	close32(t, "normalise", out, out2, 1e-6)
	k.normBack(out, g, x, y, mean, inverse, factor, beta, mean)
	generic.normBack(out2, g, x, y, mean, inverse, factor, beta, mean)
	close32(t, "normBack", out, out2, 1e-5)
	testIntegers(t, k, random, n)
}

// testIntegers is for the kernels of clipped sums: they are exact.
func testIntegers(t *testing.T, k *kernels, random *rand.Rand, n int) {
	t.Helper()
	words := func() ([]uint64, []uint64) {
		w := fenced[uint64](t, n)
		for i := range w {
			w[i] = random.Uint64() >> random.IntN(64)
			if random.IntN(2) == 0 {
				w[i] = -w[i]
			}
		}
		return w, append([]uint64{}, w...)
	}
	equal := func(name string, same bool) {
		t.Helper()
		if !same {
			t.Fatalf("%s of %d differs from plain Go", name, n)
		}
	}
	private, private2 := words()
	public, public2 := words()
	noise, _ := words()
	for _, w := range [][]uint64{private, private2} { // what is added stays within 63 bits
		for i := range w {
			w[i] = uint64(int64(w[i]) >> 1)
		}
	}
	for i := range noise {
		noise[i] = uint64(int64(noise[i]) >> 1)
	}
	gradient, gradient2 := operand(t, random, n), make([]float32, n)
	k.noised(gradient, private, public, noise, 0.5e-18, 0.25e-18)
	generic.noised(gradient2, private2, public2, noise, 0.5e-18, 0.25e-18)
	close32(t, "noised", gradient, gradient2, 1e-6)
	equal("noised: zeroed", slices.Equal(private, private2) && slices.Equal(public, public2))

	x := operand(t, random, n)
	for i := range x {
		if random.IntN(4) == 0 {
			x[i] = float32(random.IntN(9)-4) / 512 // half way between two integers
		}
		x[i] *= float32(math.Exp2(float64(random.IntN(30) - 15)))
	}
	y := operand(t, random, n)
	pairs, pairs2 := fenced[uint32](t, n), make([]uint32, n)
	grid := func(name string) (even, odd int64) {
		t.Helper()
		even, odd = k.gridPair(pairs, x, y, 256, 77)
		even2, odd2 := generic.gridPair(pairs2, x, y, 256, 77)
		equal(name+": squares", even == even2 && odd == odd2)
		return even, odd
	}
	grid("gridPair")
	equal("gridPair", slices.Equal(pairs, pairs2))
	if n > 0 {
		for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), math.MaxFloat32} {
			at := random.IntN(n)
			good := x[at]
			x[at] = bad
			if even, odd := grid("gridPair not finite"); even != -1 || odd < 0 {
				t.Fatalf("gridPair of %d with element %d = %v: squares %d and %d", n, at, bad, even, odd)
			}
			x[at] = good
		}
	}
	even := fenced[int32](t, n)
	for i := range even {
		even[i] = int32(random.IntN(1<<16) - 1<<15 + 1)
	}

	const rows, gap, listed = 5, 3, 4
	sums := fenced[uint64](t, (rows-1)*(n+gap)+n)
	for i := range sums {
		sums[i] = random.Uint64()
	}
	sums2 := append([]uint64{}, sums...)
	columns, values := fenced[int32](t, listed), fenced[int32](t, listed)
	for i := range columns {
		columns[i], values[i] = int32(random.IntN(rows)), int32(random.IntN(1<<16)-1<<15+1)
	}
	k.scatterSums(sums, even, n+gap, columns, values)
	generic.scatterSums(sums2, even, n+gap, columns, values)
	equal("scatterSums", slices.Equal(sums, sums2))
}

// A tile of sums is exact, wherever its operands lie, up to the most that 32 bits hold.
func TestSumTile(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for _, k := range append(vectorKernels(), &generic) {
		t.Run(k.name, func(t *testing.T) {
			for _, pairs := range []int{1, 2, 7, depthPairs} {
				for _, packed := range []bool{true, false} {
					aRow, aCol, bRow, cRow := 1, k.tileRows, k.tileCols, k.tileCols+5
					if !packed {
						aRow, aCol, bRow = 0, 1, k.tileCols+3
					}
					a, b := fenced[uint32](t, (k.tileRows-1)*aRow+(pairs-1)*aCol+1), fenced[uint32](t, (pairs-1)*bRow+k.tileCols)
					c := fenced[uint64](t, (k.tileRows-1)*cRow+k.tileCols)
					for i := range a {
						a[i] = random.Uint32()
						if pairs == depthPairs { // 2^23 - 1 a product, so that all stay below 2^31
							a[i] = 0x01000100 * (1 + random.Uint32N(2)*0xfe)
						}
					}
					for i := range b {
						b[i] = random.Uint32N(1<<13) | random.Uint32N(1<<13)<<16
						if pairs == depthPairs {
							b[i] = 0x7fff7fff
						}
					}
					for i := range c {
						c[i] = random.Uint64()
					}
					want := append([]uint64{}, c...)
					for i := range k.tileRows {
						for j := range k.tileCols {
							for p := range pairs {
								x, y := a[i*aRow+p*aCol], b[p*bRow+j]
								want[i*cRow+j] += uint64(int64(int16(x))*int64(int16(y)) + int64(int16(x>>16))*int64(int16(y>>16)))
							}
						}
					}
					k.sumTile(pairs, a, aRow, aCol, b, bRow, c, cRow)
					if !slices.Equal(c, want) {
						t.Fatalf("%d pairs, packed=%v: differs", pairs, packed)
					}
				}
			}
		})
	}
}

// testSpan is for the kernels of one span of the heads.
func testSpan(t *testing.T, k *kernels, x, g []float32) {
	t.Helper()
	if len(x) == 0 {
		return
	}
	x[len(x)-1] = 3
	x[len(x)/2] = 3 // a tie: the first is right
	y := twin(x)
	if got, want := k.descend(x, 5), generic.descend(y, 5); got != want {
		t.Fatalf("descend finds the maximum of %d at %d, want %d", len(x), got, want)
	}
	close32(t, "descend", x, y, 0)
	x2 := twin(x)
	k.exp(x)
	generic.exp(x2)
	close32(t, "exp", x, x2, 3e-7)
	y2 := twin(y)
	k.share(y, x)
	generic.share(y2, x2)
	close32(t, "share", y, y2, 1e-6)
	k.shareBack(y, g, x, 5)
	generic.shareBack(y2, g, x2, 5)
	close32(t, "shareBack", y, y2, 1e-5)
	for i := range x {
		x[i] = float32(math.NaN())
	}
	if at := k.descend(x, 1); at < 0 || at >= len(x) {
		t.Fatalf("descend of NaN finds %d of %d", at, len(x))
	}
}

// The file for AVX2 must keep to what such a processor has: no instruction of
// AVX-512 and none of its registers.
func TestAVX2KeepsToAVX2(t *testing.T) {
	text, err := os.ReadFile("avx2_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	if found := regexp.MustCompile(`\b([XY](1[6-9]|2\d|3[01])|Z\d+|K[0-7])\b`).FindString(string(text)); found != "" {
		t.Errorf("avx2_amd64.s uses register %s", found)
	}
	for _, line := range strings.Split(string(text), "\n") {
		for _, need := range strings.Split(strings.TrimPrefix(line, "// Requires: "), ", ") {
			if strings.HasPrefix(line, "// Requires: ") && !strings.Contains("AVX AVX2 FMA3 SSE SSE2 BMI2", need) {
				t.Errorf("avx2_amd64.s requires %s", need)
			}
		}
	}
}

func TestChoose(t *testing.T) {
	for _, k := range append(vectorKernels(), &generic) {
		t.Setenv(SetVariable, k.name)
		if d := New(1); d.Sync() != nil || d.kernels != k {
			t.Errorf("%s=%s: %v, kernels %s", SetVariable, k.name, d.Sync(), d.kernels.name)
		}
	}
	t.Setenv(SetVariable, "mmx")
	d := New(1)
	defer d.Close()
	if err := d.Sync(); err == nil || !strings.Contains(err.Error(), "DPGAN_CPU=mmx") || !strings.Contains(err.Error(), "generic") {
		t.Errorf("DPGAN_CPU=mmx: %v", err)
	}
	if _, err := d.Alloc(device.Float32, 1); err == nil {
		t.Error("DPGAN_CPU=mmx: Alloc gives no error")
	}
}
