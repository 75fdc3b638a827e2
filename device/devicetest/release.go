package devicetest

import (
	"strings"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// testRelease: what is released is gone, and nothing else is; using it is an error
// that names it, releasing it again is none.
func testRelease(f *fixture, open func(t *testing.T) device.Device) {
	kept, gone := f.putVector([]float64{1, 2, 3}), f.putVector([]float64{4, 5, 6})
	program := f.d.Record("fill", func() { f.d.Fill(kept, 7) })
	program.Run()
	f.d.MovingAverage(kept, gone, 0.5)
	gone.Buffer.Release()
	gone.Buffer.Release()
	program.Release()
	program.Release()
	if gone.Buffer.Len() == 0 {
		f.Error("a released buffer has forgotten its length")
	}
	near(f.T, "kept", values{f.getVector(kept)}, values{{5.5, 6, 6.5}}, exact)
	testScopeRelease(f)
	testUseOfReleased(f, open)
}

// testScopeRelease: a scope counts what was placed through it, and frees it at once.
func testScopeRelease(f *fixture) {
	scope := device.NewScope(f.d)
	var first, second device.Buffer
	for _, b := range []*device.Buffer{&first, &second} {
		var err error
		if *b, err = scope.Alloc(device.Uint64, 10); err != nil {
			f.Fatal(err)
		}
	}
	inner := scope.Record("count", func() { scope.Increment(first) })
	inner.Run()
	if _, err := scope.NewTable([]device.Codes{{U16: []uint16{1, 2, 3}}}); err != nil {
		f.Fatal(err)
	}
	if scope.Bytes() != 166 {
		f.Errorf("the scope holds %d bytes, want two buffers of 80 and a table of 6", scope.Bytes())
	}
	scope.Release()
	if scope.Bytes() != 0 {
		f.Errorf("the scope holds %d bytes after its release", scope.Bytes())
	}
}

// testUseOfReleased: an operation with a released buffer, or of a released program, is
// the error of the device.
func testUseOfReleased(f *fixture, open func(t *testing.T) device.Device) {
	for name, use := range map[string]func(d device.Device, b device.Buffer) func(){
		"Fill":     func(d device.Device, b device.Buffer) func() { return func() { d.Fill(device.NewVector(b, 0, 1), 1) } },
		"Upload":   func(d device.Device, b device.Buffer) func() { return func() { d.Upload(b, 0, []float32{1}) } },
		"Download": func(d device.Device, b device.Buffer) func() { return func() { _ = d.Download([]float32{1}, b, 0) } },
		"program with a buffer": func(d device.Device, b device.Buffer) func() {
			return d.Record("program with a buffer", func() { d.Fill(device.NewVector(b, 0, 1), 1) }).Run
		},
		"released program": func(d device.Device, b device.Buffer) func() {
			p := d.Record("released program", func() {})
			p.Release()
			return p.Run
		},
	} {
		f.Run(name, func(t *testing.T) {
			d := open(t)
			defer d.Close()
			b, err := d.Alloc(device.Float32, 1)
			if err != nil {
				t.Fatal(err)
			}
			run := use(d, b)
			b.Release()
			run()
			if err := d.Sync(); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "released") {
				t.Errorf("Sync gives %v, want an error that names %s and says released", err, name)
			}
			if err := d.Close(); err != nil {
				t.Error(err)
			}
			b.Release()
		})
	}
}
