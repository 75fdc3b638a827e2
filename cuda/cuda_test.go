//go:build gpu

package cuda_test

import (
	"math"
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
	return tried(d)
}

// tried has cuBLAS tried for products of all sizes, where the tests are told of one.
func tried(d *cuda.Device) *cuda.Device {
	if os.Getenv(libcublas.Variable) != "" {
		d.TryAll()
	}
	return d
}

func TestDevice(t *testing.T) {
	devicetest.RunAll(t, func(t *testing.T) device.Device { return open(t) })
}

// What a sound shape cannot rule out is an error too.
func TestDeviceErrors(t *testing.T) {
	layout := &device.Layout{Spans: []device.Span{{Edges: []uint32{0, 1, 2}, Condition: -1}}, Width: 2}
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
		{"overflowing view", "does not lie", func(d device.Device, floats, _, counter device.Buffer) {
			d.FillNormal(device.Matrix{Buffer: floats, Rows: math.MaxInt / 2, Cols: 1, Stride: 8}, device.RNG{Seed: counter, Step: counter})
		}},
		{"clip norm", "maxGradNorm=0", func(d device.Device, floats, _, _ device.Buffer) {
			d.ClipFactors(device.NewVector(floats, 0, 1), nil, 0, nil)
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

// More layers than one launch takes have the joint norm of all.
func TestDeviceClipsManyLayers(t *testing.T) {
	d := open(t)
	defer d.Close()
	const rows, layers = 3, 9
	floats, err := d.Alloc(device.Float32, rows+2*layers*rows)
	if err != nil {
		t.Fatal(err)
	}
	scale := device.NewVector(floats, 0, rows)
	d.Fill(device.NewVector(floats, rows, 2*layers*rows), 1)
	var gradients []device.LayerGradient
	for l := range layers {
		at := rows + 2*l*rows
		gradients = append(gradients, device.LayerGradient{Input: device.NewMatrix(floats, at, rows, 1), Delta: device.NewMatrix(floats, at+rows, rows, 1)})
	}
	// Scratch grows while a graph is recorded before it is run.
	d.Record("clip", func() { d.ClipFactors(scale, gradients, 1, nil) }).Run()
	got := make([]float32, rows)
	if err := d.Download(got, floats, 0); err != nil {
		t.Fatal(err)
	}
	want := 1 / ((1 + device.SinglePrecision.ClipMargin()) * math.Sqrt(2*layers)) // each layer adds (1+1)·1
	for i, g := range got {
		if math.Abs(float64(g)-want) > 1e-6 {
			t.Errorf("factor %d is %v, want %v", i, g, want)
		}
	}
}
