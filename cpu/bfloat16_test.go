package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// amx is a device whose products round to BF16.
func amx(t *testing.T, threads int) *Device {
	t.Helper()
	d, err := Open(threads, device.BrainFloat16)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// bf16 rounds to nearest, ties to even; subnormal numbers become zero.
func bf16(x float32) float32 {
	bits := math.Float32bits(x)
	switch {
	case x != x:
		return x
	case bits<<1 < 1<<24:
		return math.Float32frombits(bits & (1 << 31))
	}
	return math.Float32frombits((bits + 0x7fff + bits>>16&1) &^ 0xffff)
}

// finite is bf16, but finite numbers stay finite.
func finite(x float32) float32 {
	if y := bf16(x); !math.IsInf(float64(y), 0) || math.IsInf(float64(x), 0) {
		return y
	}
	return float32(math.Copysign(0x1.fep127, float64(x)))
}

// half is BF16 number i of packed memory.
func half(packed []float32, i int) float32 {
	return math.Float32frombits(math.Float32bits(packed[i/2]) >> (16 * (i % 2)) << 16)
}

// Numbers that rounding treats apart: halfway cases, the largest, subnormals.
var awkward = []float32{1 + 0x1p-8, 1 + 0x3p-8, -(1 + 0x1p-8 + 0x1p-20), math.MaxFloat32, -math.MaxFloat32, 0x1.feffffp127, 0x1.ffp127,
	1e-40, -1e-40, 0x1p-126, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), math.Float32frombits(0x7f800001), 0}

// Both packings against plain loops, at odd sizes and strides.
func TestRounding(t *testing.T) {
	k := amx(t, 1).kernels
	random := rand.New(rand.NewPCG(9, 10))
	same := func(got, want float32) bool {
		return math.Float32bits(got) == math.Float32bits(want) || got != got && want != want
	}
	for _, cols := range []int{1, 2, 15, 16, 17, 31, 32, 33, 64, 77} {
		for _, rows := range []int{1, 2, 5, 31, 32} {
			const gap = 3
			stride := cols + gap
			src := operand(t, random, (rows-1)*stride+cols)
			for i := range src {
				if random.IntN(4) == 0 {
					src[i] = awkward[random.IntN(len(awkward))]
				}
			}
			strip := operand(t, random, steps(cols)*stepWords-(stripSize-rows)*stripSize/2)
			k.roundRows(strip, src, stride, rows, cols)
			for i := range rows {
				for j := range stripSize * steps(cols) {
					got := half(strip, j/stripSize*2*stepWords+i*stripSize+j%stripSize)
					if want := bf16(at(src, i*stride, j, cols)); !same(got, want) {
						t.Fatalf("roundRows %dx%d: element %d, %d is %v, want %v", rows, cols, i, j, got, want)
					}
				}
			}
			if cols > stripSize {
				continue
			}
			list, scale := fenced[int32](t, rows), operand(t, random, rows)
			for p := range list {
				list[p] = int32(random.IntN(rows))
			}
			pairs := operand(t, random, (rows+1)/2*stripSize)
			k.roundPairs(pairs, src, stride, list, scale, cols)
			for p := range (rows + 1) / 2 * 2 {
				for j := range stripSize {
					want := float32(0)
					if p < rows {
						want = finite(scale[list[p]] * at(src, int(list[p])*stride, j, cols))
					}
					if got := half(pairs, p/2*2*stripSize+2*j+p%2); !same(got, want) {
						t.Fatalf("roundPairs %dx%d: element %d, %d is %v, want %v", rows, cols, p, j, got, want)
					}
				}
			}
		}
	}
}

// The three products are exact but for float32 sums, once their operands are
// rounded, at sizes around whole strips and with steps left out.
func TestRoundedProducts(t *testing.T) {
	const unit = 0x1p-23 // float32, of each sum of a few terms
	for _, s := range []struct{ batch, k, n int }{{1, 16, 16}, {33, 17, 65}, {64, 64, 32}, {31, 100, 257}, {600, 40, 47}} {
		t.Run(fmt.Sprintf("%dx%dx%d", s.batch, s.k, s.n), func(t *testing.T) {
			d := amx(t, 2)
			net := newStep(t, d, s.batch, s.k, s.n)
			host := func(b device.Buffer) []float32 {
				x := make([]float32, b.Len())
				if err := d.Download(x, b, 0); err != nil {
					t.Fatal(err)
				}
				return x
			}
			x, w, dy := host(net.x.Buffer), host(net.w[0].Buffer), host(net.deltas[0].Buffer)
			dx, _ := d.Alloc(device.Float32, s.batch*s.k)
			net.forward()
			net.weights()
			d.LinearBackwardData(device.NewMatrix(dx, 0, s.batch, s.k), net.deltas[0], net.w[0], device.Matrix{}, device.Activation{}, false)
			check := func(name string, got []float32, rows, cols, depth int, start func(j int) float64, term func(i, j, p int) (a, b float32)) {
				t.Helper()
				for i := range rows {
					for j := range cols {
						sum := start(j)
						size := math.Abs(sum)
						for p := range depth {
							a, b := term(i, j, p)
							sum += float64(a) * float64(b)
							size += math.Abs(float64(a) * float64(b))
						}
						if g := float64(got[i*cols+j]); math.Abs(g-sum) > unit*math.Sqrt(float64(depth))*size {
							t.Fatalf("%s: element %d, %d is %v, want %v", name, i, j, g, sum)
						}
					}
				}
			}
			none := func(int) float64 { return 0 }
			check("y", host(net.values[0].Buffer), s.batch, s.n, s.k, func(j int) float64 { return float64(w[s.k*s.n+j]) },
				func(i, j, p int) (float32, float32) { return bf16(x[i*s.k+p]), bf16(w[p*s.n+j]) })
			check("dx", host(dx), s.batch, s.k, s.n, none,
				func(i, j, p int) (float32, float32) { return bf16(dy[i*s.n+p]), bf16(w[j*s.n+p]) })
			check("dw", host(net.dw[0].Buffer), s.k, s.n, s.batch, none,
				func(i, j, p int) (float32, float32) { return bf16(x[p*s.k+i]), bf16(dy[p*s.n+j]) })
		})
	}
}

// encodings are the instructions that Go's assembler does not know, as GNU as and
// LLVM encode them.
var encodings = map[string]string{
	"ldtilecfg [rax]":                  "c4e2784900",
	"tilerelease":                      "c4e27849c0",
	"tileloadd tmm0, [r9+r11*1]":       "c4827b4b0419",
	"tileloadd tmm1, [r9+r11*1+64]":    "c4827b4b4c1940",
	"tileloadd tmm2, [rdx+r11*1]":      "c4a27b4b141a",
	"tileloadd tmm3, [rdx+r11*1+64]":   "c4a27b4b5c1a40",
	"tileloadd tmm4, [rax+rbx*1]":      "c4e27b4b2418",
	"tileloadd tmm5, [rax+rbx*1+1024]": "c4e27b4bac1800040000",
	"tileloadd tmm6, [rdi+rcx*1]":      "c4e27b4b340f",
	"tileloadd tmm7, [rdi+rcx*1+64]":   "c4e27b4b7c0f40",
	"tdpbf16ps tmm0, tmm4, tmm6":       "c4e24a5cc4",
	"tdpbf16ps tmm1, tmm4, tmm7":       "c4e2425ccc",
	"tdpbf16ps tmm2, tmm5, tmm6":       "c4e24a5cd5",
	"tdpbf16ps tmm3, tmm5, tmm7":       "c4e2425cdd",
	"tilestored [r10+r12*1], tmm0":     "c4827a4b0422",
	"tilestored [r10+r12*1+64], tmm1":  "c4827a4b4c2240",
	"tilestored [rdx+r12*1], tmm2":     "c4a27a4b1422",
	"tilestored [rdx+r12*1+64], tmm3":  "c4a27a4b5c2240",
	"vcvtne2ps2bf16 zmm2, zmm1, zmm0":  "62f2774872d0",
	"vcvtne2ps2bf16 zmm4, zmm2, zmm0":  "62f26f4872e0",
	"vcvtne2ps2bf16 zmm4, zmm3, zmm1":  "62f2674872e1",
}

// Bytes in the assembly are the instruction that stands beside them.
func TestEncodings(t *testing.T) {
	text, err := os.ReadFile("avx512_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, line := range regexp.MustCompile(`(?m)^\s*(BYTE .*) // (.*)$`).FindAllStringSubmatch(string(text), -1) {
		got := strings.NewReplacer("BYTE $0x", "", "; ", "").Replace(line[1])
		if want := encodings[line[2]]; got != want {
			t.Errorf("%s is encoded as %s, want %s", line[2], got, want)
		}
		seen[line[2]] = true
	}
	for name := range encodings {
		if !seen[name] {
			t.Errorf("%s is not in the assembly", name)
		}
	}
}

func TestOpen(t *testing.T) {
	for _, test := range []struct {
		set       string
		precision device.Precision
		want      []string
	}{
		{"", device.TensorFloat32, []string{"tf32", "float32 and bfloat16"}},
		{"generic", device.BrainFloat16, []string{"bfloat16", "float32"}},
		{"mmx", device.SinglePrecision, []string{"DPGAN_CPU=mmx"}},
	} {
		t.Setenv(SetVariable, test.set)
		d, err := Open(1, test.precision)
		if err == nil || d != nil {
			t.Fatalf("%v on %q: %v, want an error", test.precision, test.set, err)
		}
		for _, want := range test.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%v on %q: %v, want an error with %q", test.precision, test.set, err, want)
			}
		}
	}
	t.Setenv(SetVariable, "")
	d, err := Open(1, device.SinglePrecision)
	if err != nil || d.Precision() != device.SinglePrecision {
		t.Fatalf("float32: %v", err)
	}
	d.Close()
	if d := amx(t, 1); d.Precision() != device.BrainFloat16 || d.Set() != "avx512" {
		t.Errorf("bfloat16: precision %v on %s", d.Precision(), d.Set())
	}
}
