package cpu_test

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/device/devicetest"
)

// Each instruction set of the machine passes the conformance suite, the fastest
// on one thread as well.
func TestDevice(t *testing.T) {
	best := cpu.New(1)
	defer best.Close()
	for _, test := range []struct {
		set     string
		threads int
	}{{best.Set(), 1}, {"generic", 2}, {"avx2", 2}, {"avx512", 2}} {
		t.Run(fmt.Sprintf("%s/threads=%d", test.set, test.threads), func(t *testing.T) {
			if testing.Short() && (test.set != best.Set() || test.threads == 1) {
				t.Skip("-short: only the fastest instruction set, on two threads")
			}
			t.Setenv(cpu.SetVariable, test.set)
			forced := cpu.New(1)
			defer forced.Close()
			if err := forced.Sync(); err != nil {
				t.Skip(err)
			}
			devicetest.RunAll(t, func(*testing.T) device.Device { return cpu.New(test.threads) })
		})
	}
}

// A device whose products round to BF16 passes it as well.
func TestBrainFloat16(t *testing.T) {
	for _, threads := range []int{1, 2} {
		t.Run(fmt.Sprintf("threads=%d", threads), func(t *testing.T) {
			if testing.Short() && threads == 1 {
				t.Skip("-short: only two threads")
			}
			devicetest.RunAll(t, func(t *testing.T) device.Device {
				d, err := cpu.Open(threads, device.BrainFloat16)
				if err != nil {
					t.Skip(err)
				}
				return d
			})
		})
	}
}

// Every goroutine of a device ends with it.
func TestClose(t *testing.T) {
	before := runtime.NumGoroutine()
	d := cpu.New(8)
	b, err := d.Alloc(device.Float32, 100000)
	if err != nil {
		t.Fatal(err)
	}
	d.MovingAverage(device.NewVector(b, 0, 100000), device.NewVector(b, 0, 100000), 0.5)
	if err := d.Sync(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	// A goroutine that has said its last word still needs a turn to end.
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(deadline); {
		runtime.Gosched()
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines after Close, %d before New", after, before)
	}
	if d.Fill(device.NewVector(b, 0, 1), 1); d.Sync() == nil {
		t.Error("an operation after Close is no error")
	}
}

// What a sound shape cannot rule out is an error too.
func TestErrors(t *testing.T) {
	layout := &device.Layout{Spans: []device.Span{{Edges: []uint32{0, 1, 2}}}, Width: 2}
	for _, test := range []struct {
		name, want string
		run        func(d *cpu.Device, floats, words, counter device.Buffer)
	}{
		{"index beyond the table", "index=7", func(d *cpu.Device, floats, words, _ device.Buffer) {
			table, err := d.NewTable([]device.Codes{{U8: []uint8{0, 1, 1}}})
			if err != nil {
				t.Fatal(err)
			}
			d.Upload(words, 0, []uint32{2, 7}) // rows 2 and 7; the first word is the count as well
			d.ExpandCodes(device.NewMatrix(floats, 0, 2, 2), table, layout, words, words)
		}},
		{"released table", "released", func(d *cpu.Device, floats, words, _ device.Buffer) {
			table, err := d.NewTable([]device.Codes{{U8: []uint8{0, 1}}})
			if err != nil {
				t.Fatal(err)
			}
			table.Release()
			d.ExpandCodes(device.NewMatrix(floats, 0, 2, 2), table, layout, words, words)
		}},
		{"buffer of another device", "not a buffer of this device", func(d *cpu.Device, _, _, _ device.Buffer) {
			other := cpu.New(1)
			defer other.Close()
			b, _ := other.Alloc(device.Float32, 1)
			d.Fill(device.NewVector(b, 0, 1), 1)
		}},
		{"wrong kind", "kind", func(d *cpu.Device, floats, _, _ device.Buffer) { d.Increment(floats) }},
		{"overflowing view", "does not lie", func(d *cpu.Device, floats, _, _ device.Buffer) {
			m := device.Matrix{Buffer: floats, Rows: math.MaxInt / 2, Cols: 1, Stride: 8}
			d.Copy(m, m)
		}},
		{"layout", "must ascend", func(d *cpu.Device, floats, _, _ device.Buffer) {
			bad := &device.Layout{Spans: []device.Span{{Edges: []uint32{0, 2, 2}}}, Width: 2}
			m := device.NewMatrix(floats, 0, 1, 2)
			d.HeadsBackward(m, m, m, bad, 1)
		}},
		{"clip norm", "maxGradNorm=0", func(d *cpu.Device, floats, _, _ device.Buffer) {
			d.ClippedSum(device.NewVector(floats, 0, 1), nil, 0, nil)
		}},
		{"temperature", "tau=0", func(d *cpu.Device, floats, _, _ device.Buffer) {
			m := device.NewMatrix(floats, 0, 1, 2)
			d.HeadsBackward(m, m, m, layout, 0)
		}},
		{"dropout of everything", "dropout=1", func(d *cpu.Device, floats, _, counter device.Buffer) {
			m := device.NewMatrix(floats, 0, 1, 1)
			d.LinearForward(m, m, m, device.NewVector(floats, 1, 1), device.Activation{Kind: device.ReLU, Dropout: 1, RNG: device.RNG{Seed: counter, Step: counter}})
		}},
		{"program", "program steps: Fill", func(d *cpu.Device, _, _, _ device.Buffer) {
			d.Record("steps", func() { d.Fill(device.Vector{Len: 1}, 1) }).Run()
		}},
		{"upload", "Upload: offset=30", func(d *cpu.Device, floats, _, _ device.Buffer) { d.Upload(floats, 30, make([]float32, 3)) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := cpu.New(2)
			defer d.Close()
			floats, _ := d.Alloc(device.Float32, 32)
			words, _ := d.Alloc(device.Uint32, 2)
			counter, _ := d.Alloc(device.Uint64, 1)
			test.run(d, floats, words, counter)
			if err := d.Sync(); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Sync gives %v, want an error with %q", err, test.want)
			}
		})
	}
	d := cpu.New(1)
	defer d.Close()
	if _, err := d.NewTable([]device.Codes{{U8: make([]uint8, 2)}, {U16: make([]uint16, 3)}}); err == nil {
		t.Error("NewTable takes columns of different lengths")
	}
	if _, err := d.Alloc(device.Float32, -1); err == nil {
		t.Error("Alloc takes a negative size")
	}
}
