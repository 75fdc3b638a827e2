//go:build gpu

package cuda_test

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/cuda"
	"github.com/dpgan/dpgan/cuda/libcublas"
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/device/devicetest"
)

// open takes the first GPU, be it real or fake; without one the test fails.
func open(t testing.TB) device.Device {
	t.Helper()
	d, err := cuda.Open(0, device.SinglePrecision)
	if err != nil {
		t.Fatal(err)
	}
	return autotuned(d)
}

// autotuned has cuBLAS tried for products of all sizes, where the tests are told of one.
func autotuned(d *cuda.Device) *cuda.Device {
	if os.Getenv(libcublas.Variable) != "" {
		d.AutotuneAll()
	}
	return d
}

func TestDevice(t *testing.T) {
	devicetest.RunAll(t, func(t *testing.T) device.Device { return open(t) })
}

// What a sound shape cannot rule out is an error too.
func TestDeviceErrors(t *testing.T) {
	layout := &device.Layout{Spans: []device.Span{{Edges: []uint32{0, 1, 2}}}, Width: 2}
	for _, test := range []struct {
		name, want string
		run        func(d device.Device, floats, words, counter device.Buffer)
	}{
		{"index beyond the table", "index=7", func(d device.Device, floats, words, _ device.Buffer) {
			table, err := d.NewTable([]device.Codes{{U8: []uint8{0, 1, 1}}})
			if err != nil {
				t.Fatal(err)
			}
			d.Upload(words, 0, []uint32{2, 7}) // rows 2 and 7; the first word is the count as well
			d.ExpandCodes(device.NewMatrix(floats, 0, 2, 2), table, layout, words, words)
		}},
		{"released table", "released", func(d device.Device, floats, words, _ device.Buffer) {
			table, err := d.NewTable([]device.Codes{{U8: []uint8{0, 1}}})
			if err != nil {
				t.Fatal(err)
			}
			table.Release()
			d.ExpandCodes(device.NewMatrix(floats, 0, 2, 2), table, layout, words, words)
		}},
		{"buffer of another device", "not a buffer of this device", func(d device.Device, _, _, _ device.Buffer) {
			other := open(t)
			defer other.Close()
			b, _ := other.Alloc(device.Float32, 1)
			d.Fill(device.NewVector(b, 0, 1), 1)
		}},
		{"overflowing view", "does not lie", func(d device.Device, floats, _, _ device.Buffer) {
			m := device.Matrix{Buffer: floats, Rows: math.MaxInt / 2, Cols: 1, Stride: 8}
			d.Copy(m, m)
		}},
		{"clip norm", "maxGradNorm=0", func(d device.Device, _, _, counter device.Buffer) {
			d.ClippedSum(device.NewVector(counter, 0, 1), nil, 0, nil)
		}},
		{"program", "program steps: Fill", func(d device.Device, _, _, _ device.Buffer) {
			d.Record("steps", func() { d.Fill(device.Vector{Len: 1}, 1) }).Run()
		}},
		{"upload while recording", "program steps: Upload: not an operation", func(d device.Device, _, words, _ device.Buffer) {
			d.Record("steps", func() { d.Upload(words, 0, []uint32{1}) })
		}},
		{"wait while recording", "must not call Sync", func(d device.Device, _, _, _ device.Buffer) {
			d.Record("steps", func() { _ = d.Sync() })
		}},
		{"missing arguments", "kernel increment: 1 words of arguments: the PTX has 4", func(d device.Device, _, _, _ device.Buffer) {
			d.(*cuda.Device).LaunchIncrementBare()
		}},
		{"program within a program", "cannot run within another", func(d device.Device, floats, _, _ device.Buffer) {
			inner := d.Record("inner", func() { d.Fill(device.NewVector(floats, 0, 1), 1) })
			d.Record("outer", inner.Run)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := open(t)
			defer d.Close()
			floats, _ := d.Alloc(device.Float32, 32)
			words, _ := d.Alloc(device.Uint32, 2)
			counter, _ := d.Alloc(device.Uint64, 1)
			test.run(d, floats, words, counter)
			if err := d.Sync(); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Sync gives %v, want an error with %q", err, test.want)
			}
			if err := d.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
}

// Uploads larger than the staging memory, and many small ones around it, arrive
// whole and in their order.
func TestDeviceUploads(t *testing.T) {
	d := open(t)
	defer d.Close()
	const n = 5 << 20 // 20 MiB of floats
	b, err := d.Alloc(device.Float32, n)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]float32, n)
	for i := range want {
		want[i] = float32(i % 8191)
	}
	host := slices.Clone(want)
	d.Upload(b, 0, host)
	clear(host) // an upload must not read it any more
	for i := range 3000 {
		part := []float32{float32(i), float32(-i)}
		at := (i * 7919) % (n - 1)
		d.Upload(b, at, part)
		copy(want[at:], part)
	}
	got := make([]float32, n)
	if err := d.Download(got, b, 0); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Error("uploads did not arrive")
	}
}

// More layers than one launch takes are clipped by the joint norm of all, and all are
// summed. So are records, every third here, that rounding to nearest makes too long: the
// deltas of so many outputs in all have integers of 493.51 and 487.51.
func TestDeviceClipsManyLayers(t *testing.T) {
	for _, s := range []struct{ layers, outputs int }{{8, 550}, {9, 501}, {20, 220}} {
		const rows, inputs, maxGradNorm = 67, 3, 0.5
		d := open(t)
		random := rand.New(rand.NewPCG(uint64(s.layers), 2))
		of := rows * (inputs + s.outputs) // floats of a layer
		floats, err := d.Alloc(device.Float32, s.layers*of)
		if err != nil {
			t.Fatal(err)
		}
		host := make([]float32, floats.Len())
		for i := range host {
			host[i] = float32(random.NormFloat64())
		}
		size := (inputs + 1) * s.outputs
		sums, err := d.Alloc(device.Uint64, s.layers*size)
		if err != nil {
			t.Fatal(err)
		}
		var gradients []device.LayerGradient
		for l := range s.layers {
			g := device.LayerGradient{
				Input:   device.NewMatrix(floats, l*of, rows, inputs),
				Delta:   device.NewMatrix(floats, l*of+rows*inputs, rows, s.outputs),
				Weights: l * size, Bias: l*size + inputs*s.outputs}
			gradients = append(gradients, g)
			for i := 0; i < rows; i += 3 {
				clear(host[g.Input.Offset+i*inputs:][:inputs])
				for j := range s.outputs {
					host[g.Delta.Offset+i*s.outputs+j] = 3
				}
			}
		}
		d.Upload(floats, 0, host)
		// Scratch grows while a graph is recorded before it is run.
		d.Record("clip", func() { d.ClippedSum(device.NewVector(sums, 0, sums.Len()), gradients, maxGradNorm, nil) }).Run()
		got, want := make([]uint64, sums.Len()), make([]uint64, sums.Len())
		if err := d.Download(got, sums, 0); err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			var x, delta [][]float32
			for _, g := range gradients {
				x, delta = append(x, host[g.Input.Offset+i*inputs:][:inputs]), append(delta, host[g.Delta.Offset+i*s.outputs:][:s.outputs])
			}
			add(want, gradients, x, delta, maxGradNorm)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d layers: the sum differs from that of the records", s.layers)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

// add adds one record to sums.
func add(sums []uint64, layers []device.LayerGradient, x, delta [][]float32, maxGradNorm float64) {
	a, s := device.ClipRecord(x, delta, maxGradNorm)
	for l, g := range layers {
		for j, v := range s[l] {
			sums[g.Bias+j] += uint64(int64(v) << device.InputBits)
			for k, u := range a[l] {
				sums[g.Weights+k*len(s[l])+j] += uint64(int64(u) * int64(v))
			}
		}
	}
}

// A block's records add up to more than 32 bits. There are so many inputs that the
// rows are not cut into parts.
func TestDeviceSumsBeyond32Bits(t *testing.T) {
	const rows, inputs = 300, 256 * 64
	d := open(t)
	defer d.Close()
	floats, err := d.Alloc(device.Float32, rows*(inputs+1))
	if err != nil {
		t.Fatal(err)
	}
	sums, err := d.Alloc(device.Uint64, inputs+1)
	if err != nil {
		t.Fatal(err)
	}
	host := make([]float32, floats.Len())
	for i := range rows {
		host[i*inputs+777] = 100
		host[rows*inputs+i] = -1e3
	}
	d.Upload(floats, 0, host)
	layers := []device.LayerGradient{{Input: device.NewMatrix(floats, 0, rows, inputs), Delta: device.NewMatrix(floats, rows*inputs, rows, 1), Bias: inputs}}
	d.ClippedSum(device.NewVector(sums, 0, sums.Len()), layers, 1, nil)
	got, want := make([]uint64, sums.Len()), make([]uint64, sums.Len())
	if err := d.Download(got, sums, 0); err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		add(want, layers, [][]float32{host[i*inputs:][:inputs]}, [][]float32{host[rows*inputs+i:][:1]}, 1)
	}
	if total := int64(want[777]); total > -1<<31 {
		t.Fatalf("the records add up to %d only", total)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the sum is %d, want %d", int64(got[777]), int64(want[777]))
	}
}
