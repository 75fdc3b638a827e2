package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"slices"
	"strings"
	"testing"
)

const launches = "../launches.go"

var images = []string{"../ptx/sm_70.ptx", "../ptx/sm_80.ptx"}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// committed are the kernels that the comments of launches.go declare.
func committed(t *testing.T) []kernel {
	t.Helper()
	kernels, err := parseComments(read(t, launches))
	if err != nil {
		t.Fatal(err)
	}
	return kernels
}

// What launches the kernels is what is generated for the signatures that it names.
// That those are the sources' is for make kernels-check, which has the compiler.
func TestLaunchesAreGenerated(t *testing.T) {
	want, err := generate(committed(t))
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, launches); got != string(want) {
		t.Error("launches.go differs from what is generated: run make kernels")
	}
}

// The signatures are those of the PTX, on both architectures.
func TestSignaturesAreThoseOfThePTX(t *testing.T) {
	kernels := committed(t)
	for _, name := range images {
		ptx := parsePTX(read(t, name))
		for _, err := range compare(kernels, ptx) {
			t.Errorf("%s: %v", name, err)
		}
		for k, parameters := range ptx {
			if len(parameters) == 0 {
				t.Errorf("%s: kernel %s has no parameters", name, k)
			}
		}
	}
	if n := len(parsePTX(read(t, images[1]))); n != len(kernels) {
		t.Errorf("%d kernels in launches.go, %d in the PTX", len(kernels), n)
	}
}

// A signature that is not the PTX's is told from it: each kernel without a parameter,
// with one more, with another order, or with one of another width or kind.
func TestOtherSignaturesAreSeen(t *testing.T) {
	others := map[string]string{"int": "u64", "flag": "u64", "u32": "float", "u64": "int", "float": "double", "double": "float"}
	kernels := committed(t)
	ptx := parsePTX(read(t, images[1]))
	planted := 0
	expect := func(k int, what string, parameters []parameter) {
		planted++
		changed := slices.Clone(kernels)
		changed[k].parameters = parameters
		if compare(changed, ptx) == nil {
			t.Errorf("%s: %s is not seen", kernels[k].name, what)
		}
	}
	for k, of := range kernels {
		last := len(of.parameters) - 1
		expect(k, "one parameter fewer", of.parameters[:last])
		expect(k, "one parameter more", append(slices.Clone(of.parameters), parameter{name: "more", of: "int"}))
		for i, p := range of.parameters {
			changed := slices.Clone(of.parameters)
			if other, scalar := others[p.of]; scalar && !p.pointer {
				changed[i].of = other
				expect(k, fmt.Sprintf("%s as %s", p, other), changed)
			}
			if i < last && p.inPTX() != of.parameters[i+1].inPTX() {
				changed = slices.Clone(of.parameters)
				changed[i], changed[i+1] = changed[i+1], changed[i]
				expect(k, fmt.Sprintf("%s after the next", p), changed)
			}
		}
	}
	if planted < 400 {
		t.Errorf("only %d signatures were planted", planted)
	}
	missing := slices.Delete(slices.Clone(kernels), 3, 4)
	if compare(missing, ptx) == nil {
		t.Errorf("%s is missing, and that is not seen", kernels[3].name)
	}
}

// package cuda, as far as launches.go needs it.
const stub = `package cuda
type array[T any] struct{ n int }
func (array[T]) extent() (e extent) { return e }
type matrix struct{ stride int }
func (matrix) extent() (e extent) { return e }
type grid struct{}
type extent struct{}
type span struct{ edges int }
type column struct{ bytes int }
type pairTable struct{}
type gradientLayers struct{}
type arguments struct{}
type operation struct{}
func (operation) arguments() *arguments { return nil }
func (operation) launch(string, grid, *arguments) {}
func (*arguments) read(extent) {}
func (*arguments) write(extent) {}
func (*arguments) int(int) {}
func (*arguments) flag(bool) {}
func (*arguments) uint32(uint32) {}
func (*arguments) uint64(uint64) {}
func (*arguments) float32(float32) {}
func (*arguments) float64(float64) {}
func (*arguments) gradientLayers(gradientLayers) {}
func call(o operation, g grid, m matrix, floats array[float32], doubles array[float64], words array[uint32],
	integers array[uint64], spans array[span], columns array[column], n int, size uint64, x float32, y float64) {
	%s
}
`

// A launch with a wrong argument does not compile.
func TestWrongArgumentsDoNotCompile(t *testing.T) {
	for _, test := range []struct{ name, call, want string }{
		{"right", "o.launchMovingAverage(g, floats, floats, size, x, x)", ""},
		{"right", "o.launchMomentLoss(g, floats, doubles, n, true)", ""},
		{"right", "o.launchLeanSquares(g, doubles, m, m, n, n, n)", ""},
		{"too few", "o.launchMovingAverage(g, floats, floats, size, x)", "not enough arguments"},
		{"too many", "o.launchMovingAverage(g, floats, floats, size, x, x, x)", "too many arguments"},
		{"too narrow", "o.launchMovingAverage(g, floats, floats, n, x, x)", "cannot use n"},
		{"too wide", "o.launchMovingAverage(g, floats, floats, size, y, x)", "cannot use y"},
		{"order", "o.launchMovingAverage(g, floats, size, floats, x, x)", "cannot use size"},
		{"number for memory", "o.launchMovingAverage(g, floats, size, size, x, x)", "cannot use size"},
		{"memory for a number", "o.launchMovingAverage(g, floats, floats, floats, x, x)", "cannot use floats"},
		{"memory of doubles for floats", "o.launchMovingAverage(g, floats, doubles, size, x, x)", "cannot use doubles"},
		{"memory of words for integers", "o.launchIncrement(g, [4]array[uint64]{words})", "cannot use words"},
		{"fewer counters", "o.launchIncrement(g, [3]array[uint64]{integers})", "cannot use"},
		{"columns for spans", "o.launchSoftmaxSpans(g, m, m, n, columns, n)", "cannot use columns"},
		{"vector for a matrix", "o.launchSoftmaxSpans(g, floats, m, n, spans, n)", "cannot use floats"},
		{"number for a flag", "o.launchMomentLoss(g, floats, doubles, n, n)", "cannot use n"},
		{"integers for parts", "o.launchWeightsSum(g, [4]linearBackwardWeightsSet{{parts: integers}})", "cannot use integers"},
	} {
		files := token.NewFileSet()
		var parsed []*ast.File
		for _, source := range []string{read(t, launches), fmt.Sprintf(stub, test.call)} {
			f, err := parser.ParseFile(files, "", source, 0)
			if err != nil {
				t.Fatal(err)
			}
			parsed = append(parsed, f)
		}
		_, err := (&types.Config{}).Check("cuda", files, parsed, nil)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %s: %v, want %q", test.name, test.call, err, test.want)
		}
	}
}

// Of a source and PTX that do not fit nothing is written.
func TestRun(t *testing.T) {
	const source = `extern "C" __attribute__((global)) __attribute__((launch_bounds(8 * 32))) void scale_32(float* y, int y_stride,
		const u64* n, flag up, u32 to0, u32 to1) { y[0] = 1; }`
	const ptx = ".visible .entry scale_32(\n.param .u64 a,\n.param .u32 b,\n.param .u64 c,\n.param .u32 d,\n.param .u32 e,\n.param %s f\n)\n"
	write := func(last string) string {
		name := t.TempDir() + "/ptx"
		if err := os.WriteFile(name, fmt.Appendf(nil, ptx, last), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	var out strings.Builder
	if err := run(strings.NewReader(source), &out, []string{write(".f32")}); err == nil || out.Len() > 0 || !strings.Contains(err.Error(), "u32 to1: is .u32, in the PTX .f32") {
		t.Errorf("%v and %q", err, out.String())
	}
	if err := run(strings.NewReader(source), &out, []string{write(".u32")}); err != nil {
		t.Fatal(err)
	}
	const want = `
// void scale_32(float* y, int y_stride, const u64* n, flag up, u32 to0, u32 to1)
func (o operation) launchScale(variant string, g grid, y matrix, n array[uint64], up bool, tos [2]uint32) {
	a := o.arguments()
	a.write(y.extent())
	a.int(y.stride)
	a.read(n.extent())
	a.flag(up)
	for _, v := range tos {
		a.uint32(v)
	}
	o.launch("scale_"+variant, g, a)
}
`
	if got := out.String(); got != head+want {
		t.Errorf("wrote\n%s\nwant\n%s", got, head+want)
	}
	for _, wrong := range []string{"", strings.Replace(source, "float* y", "float** y", 1), strings.Replace(source, "flag up", "Span up", 1)} {
		if err := run(strings.NewReader(wrong), &out, nil); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}
