//go:build gpu && fake

package cuda_test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// freeBytes is what the device says is free when it is asked for far too much.
func freeBytes(t *testing.T, d device.Device) int64 {
	t.Helper()
	var short *device.MemoryError
	if _, err := d.Alloc(device.Float32, 1<<50); !errors.As(err, &short) {
		t.Fatalf("Alloc of 2^52 bytes: %v", err)
	}
	return short.Free
}

// A scope gives back all that its buffers, table and programs took, scratch and
// layouts included, again and again; what another program uses stays.
func TestMemoryReturns(t *testing.T) {
	d := open(t)
	defer d.Close()
	stage := func(on device.Device, rows int) (run func(), bytes func() []float32) {
		layout := &device.Layout{Width: 3, Spans: []device.Span{{Edges: []uint32{0, 1, 2, 3}}}}
		table, err := on.NewTable([]device.Codes{{U8: make([]uint8, 100)}})
		if err != nil {
			t.Fatal(err)
		}
		alloc := func(kind device.Kind, n int) device.Buffer {
			b, err := on.Alloc(kind, n)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		x, dw, db := alloc(device.Float32, 3*rows), alloc(device.Float32, 9), alloc(device.Float32, 3)
		indices, count := alloc(device.Uint32, rows), alloc(device.Uint32, 1)
		on.Upload(count, 0, []uint32{uint32(rows)})
		m := device.NewMatrix(x, 0, rows, 3)
		program := on.Record("stage", func() {
			on.ExpandCodes(m, table, layout, indices, count)
			on.LinearBackwardWeights(device.NewMatrix(dw, 0, 3, 3), device.NewVector(db, 0, 3), m, m)
		})
		return program.Run, func() []float32 {
			got := make([]float32, 3)
			if err := on.Download(got, db, 0); err != nil {
				t.Fatal(err)
			}
			return got
		}
	}
	start := freeBytes(t, d)
	for range 3 {
		scope := device.NewScope(d)
		run, sums := stage(scope, 5000) // in parts, with scratch
		run()
		if got := sums(); got[0] != 5000 {
			t.Errorf("the sums are %v", got)
		}
		if free := freeBytes(t, d); free >= start-scope.Bytes() {
			t.Errorf("%d bytes are free of %d, though the scope has %d, and there are scratch and a layout", free, start, scope.Bytes())
		}
		scope.Release()
		if free := freeBytes(t, d); free != start {
			t.Errorf("%d bytes are free, %d at the start", free, start)
		}
	}
	outer, inner := device.NewScope(d), device.NewScope(d)
	run, sums := stage(outer, 700)
	again, _ := stage(inner, 70000) // outgrows the scratch of the first
	again()
	inner.Release()
	run()
	if got := sums(); got[0] != 700 {
		t.Errorf("after another scope was released, the sums are %v", got)
	}
	outer.Release()
	if free := freeBytes(t, d); free != start {
		t.Errorf("%d bytes are free, %d at the start", free, start)
	}
	if err := d.Sync(); err != nil {
		t.Error(err)
	}
}

// TestScratchRefused: a program whose scratch does not fit is refused at Sync, once,
// and the device is as good as before.
func TestScratchRefused(t *testing.T) {
	if os.Getenv("DPGAN_ONE_MACHINE") == "" {
		child := exec.Command(os.Args[0], "-test.run=^TestScratchRefused$")
		child.Env = append(os.Environ(), "DPGAN_FAKE=memory=300000", "DPGAN_ONE_MACHINE=1")
		if out, err := child.CombinedOutput(); err != nil {
			t.Errorf("%v:\n%s", err, out)
		}
		return
	}
	d := open(t)
	floats, err := d.Alloc(device.Float32, 5000+2)
	if err != nil {
		t.Fatal(err)
	}
	x := device.NewMatrix(floats, 0, 5000, 1)
	program := d.Record("sums", func() {
		d.LinearBackwardWeights(device.NewMatrix(floats, 5000, 1, 1), device.NewVector(floats, 5001, 1), x, x)
	})
	var short *device.MemoryError
	if err := d.Sync(); !errors.As(err, &short) || !strings.Contains(err.Error(), "program sums: LinearBackwardWeights: scratch: ") {
		t.Errorf("Sync gives %v, want a *MemoryError of the scratch", err)
	}
	d.Fill(device.NewVector(floats, 0, 5000), 3)
	got := make([]float32, 1)
	if err := d.Download(got, floats, 4999); err != nil || got[0] != 3 {
		t.Errorf("then %v and %v", got, err)
	}
	program.Run()
	if err := d.Sync(); err == nil || !strings.Contains(err.Error(), "program sums: Run") {
		t.Errorf("running it gives %v", err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}
