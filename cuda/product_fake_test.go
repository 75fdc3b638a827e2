//go:build gpu && fake

package cuda_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/cuda"
	"github.com/dpgan/dpgan/device"
)

// cuBLAS makes the products for which it is faster by a tenth and treats rows alike; it
// may be missing or fail when it is tried, but not later. Each in a process of its own,
// since a process loads one library. The fake driver is a cuBLAS too.
func TestProducts(t *testing.T) {
	const fake = "the fake"
	for _, test := range []struct{ name, fake, library, want string }{
		{"faster", "", fake, "9·7·5 own 100 cublas 11 chosen true <nil>\n9·5·7 own 100 cublas 11 chosen true <nil>\n<nil>\n<nil>\n"},
		{"faster by a little", "gemm=88", fake, "9·7·5 own 100 cublas 89 chosen true <nil>\n"},
		{"as fast", "gemm=89", fake, "9·7·5 own 100 cublas 90 chosen false <nil>\n9·5·7 own 100 cublas 90 chosen false <nil>\n<nil>\n<nil>\n"},
		{"slower", "gemm=200", fake, "9·7·5 own 100 cublas 201 chosen false <nil>\n"},
		{"unequal rows", "unequal=1", fake, "9·7·5 own 0 cublas 0 chosen false row 8 of 9 differs from another of the same values\n"},
		{"failing at once", "gemms=0", fake, "9·7·5 own 0 cublas 0 chosen false CUBLAS_STATUS_INTERNAL_ERROR\n" +
			"9·5·7 own 0 cublas 0 chosen false CUBLAS_STATUS_INTERNAL_ERROR\n<nil>\n<nil>\n"},
		{"failing later", "gemms=8", fake, "9·7·5 own 100 cublas 11 chosen true <nil>\n" +
			"cuda: LinearForward: cuBLAS: CUBLAS_STATUS_INTERNAL_ERROR: set DPGAN_LIBCUBLAS=off to do without\n"},
		{"failing in a graph", "gemms=8,recorded", fake, "cuda: program products: LinearForward: cuBLAS: CUBLAS_STATUS_INTERNAL_ERROR: set"},
		{"recorded", "recorded", fake, "9·5·7 own 100 cublas 11 chosen true <nil>\n<nil>\n<nil>\n"},
		{"no workspace", "memory=1000000", fake, "no memory for 33,554,432 bytes"},
		{"no memory to try", "memory=33556344", fake, "9·7·5 own 0 cublas 0 chosen false no memory for "},
		{"missing", "", "/nowhere/libcublas.so", "libcublas: DPGAN_LIBCUBLAS=/nowhere/libcublas.so: cannot be loaded: "},
		{"another library", "", "libm.so.6", "libcublas: DPGAN_LIBCUBLAS=libm.so.6: cannot be loaded: it has no cublasCreate_v2\n<nil>\n"},
		{"off", "", "off", "libcublas: off: set DPGAN_LIBCUBLAS=auto to try it\n<nil>\n"},
		{"small", "small", fake, "\n<nil>\n<nil>\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			library := test.library
			if library == fake {
				library = os.Getenv("DPGAN_LIBCUDA")
			}
			child := exec.Command(os.Args[0], "-test.run=^TestOneProduct$")
			child.Env = append(os.Environ(), "DPGAN_FAKE="+test.fake, "DPGAN_LIBCUBLAS="+library, "DPGAN_ONE_MACHINE=1")
			out, err := child.CombinedOutput()
			if err != nil || !strings.Contains(string(out), test.want) {
				t.Errorf("%v, want %q in:\n%s", err, test.want, out)
			}
		})
	}
}

// TestOneProduct is the process that TestProducts starts.
func TestOneProduct(t *testing.T) {
	if os.Getenv("DPGAN_ONE_MACHINE") == "" {
		return
	}
	d, err := cuda.Open(0, device.SinglePrecision)
	if err != nil {
		t.Fatal(err)
	}
	host := cpu.New(1)
	defer host.Close()
	if !strings.Contains(os.Getenv("DPGAN_FAKE"), "small") {
		d.AutotuneAll()
	}
	program := ""
	if strings.Contains(os.Getenv("DPGAN_FAKE"), "recorded") {
		program = "products"
	}
	got, want := linear(t, d, program), linear(t, host, "")
	fmt.Fprintln(os.Stdout)
	for _, c := range d.Choices() {
		fmt.Fprintf(os.Stdout, "%d·%d·%d own %v cublas %v chosen %v %v\n", c.Rows, c.Inner, c.Cols, c.Own, c.Cublas, c.Chosen, c.Reason)
	}
	fmt.Fprintln(os.Stdout, d.Library())
	failed := d.Sync()
	fmt.Fprintln(os.Stdout, failed)
	for i := range want {
		if failed == nil && (got[i]-want[i] > 1e-5 || want[i]-got[i] > 1e-5 || got[i] != got[i]) {
			t.Errorf("element %d is %v, on the CPU %v", i, got[i], want[i])
		}
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

// linear is what an affine layer and two ways back through it leave in memory, at once
// or as a program. The second way back adds.
func linear(t *testing.T, d device.Device, program string) []float32 {
	t.Helper()
	const rows, inputs, outputs, n = 9, 7, 5, 400
	floats, err := d.Alloc(device.Float32, n)
	if err != nil {
		t.Fatal(err)
	}
	counter, err := d.Alloc(device.Uint64, 1)
	if err != nil {
		t.Fatal(err)
	}
	rng := device.RNG{Seed: counter, Step: counter}
	random, host := rand.New(rand.NewPCG(1, 2)), make([]float32, n)
	for i := range host {
		host[i] = float32(random.NormFloat64())
	}
	d.Upload(floats, 0, host)
	w, b := device.NewMatrix(floats, 3, inputs, outputs), device.NewVector(floats, 40, outputs) // not aligned
	x, y := device.NewMatrix(floats, 50, rows, inputs), device.NewMatrix(floats, 120, rows, outputs)
	dx, sum := device.NewMatrix(floats, 200, rows, inputs), device.NewMatrix(floats, 300, rows, inputs)
	act := device.Activation{Kind: device.LeakyReLU, Dropout: 0.25, RNG: rng}
	all := func() {
		d.LinearForward(y, x, w, b, act)
		d.LinearBackwardData(dx, y, w, x, act, false)
		d.LinearBackwardData(sum, y, w, x, act, true)
	}
	if program != "" {
		d.Record(program, all).Run()
	} else {
		all()
	}
	_ = d.Download(host, floats, 0) // an error stays
	return host
}
