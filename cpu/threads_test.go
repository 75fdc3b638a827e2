package cpu

import (
	"math"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// The number of threads must not show in a single bit, or a run could not be
// repeated on another machine.
func TestThreadsDoNotChangeResults(t *testing.T) {
	run := func(threads int, precision device.Precision) [][]float32 {
		d, err := Open(threads, precision)
		if err != nil {
			t.Skip(err)
		}
		defer d.Close()
		s := newStep(t, d, 301, 70, 65, 33, 1)
		n := s.w[1].Cols
		vector := func(seed uint64) device.Vector {
			b, _ := d.Alloc(device.Float32, n)
			v := make([]float32, n)
			for i := range v {
				v[i] = 1 + float32(i)/float32(seed)
			}
			d.Upload(b, 0, v)
			return device.NewVector(b, 0, n)
		}
		norm := device.BatchNorm{Gamma: vector(3), Beta: vector(4), Mean: vector(5), InverseStd: vector(6)}
		for range 3 {
			s.forward()
			s.backward()
			d.BatchNormForward(s.values[1], s.values[1], norm)
			d.BatchNormBackward(s.deltas[1], s.deltas[1], s.values[1], s.values[1], norm, vector(7), vector(8))
			d.Lean(s.deltas[0], s.values[0], 0.5)
			s.clip()
			s.weights()
			s.update()
			d.Increment(s.adam.Step)
		}
		var results [][]float32
		for _, m := range []device.Buffer{s.x.Buffer, s.values[0].Buffer, s.values[1].Buffer, s.deltas[0].Buffer, s.deltas[1].Buffer,
			s.dw[0].Buffer, s.adam.Parameters.Buffer, s.adam.Second.Buffer, norm.InverseStd.Buffer} {
			host := make([]float32, m.Len())
			if err := d.Download(host, m, 0); err != nil {
				t.Fatal(err)
			}
			results = append(results, host)
		}
		return results
	}
	compare := func(name string, precision device.Precision) {
		want := run(1, precision)
		for _, threads := range []int{2, 3, 8} {
			for k, got := range run(threads, precision) {
				if !slices.EqualFunc(got, want[k], func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }) {
					t.Errorf("%s: buffer %d differs between 1 and %d threads", name, k, threads)
				}
			}
		}
	}
	for i, set := range append(vectorKernels(), &generic) {
		if i > 0 && testing.Short() {
			break // the splitting is the same
		}
		t.Setenv(SetVariable, set.name)
		compare(set.name, device.SinglePrecision)
	}
	t.Setenv(SetVariable, "")
	compare("bfloat16", device.BrainFloat16)
}

// A step that has run before allocates nothing.
func TestSteadyStateAllocations(t *testing.T) {
	for _, precision := range []device.Precision{device.SinglePrecision, device.BrainFloat16} {
		t.Run(precision.String(), func(t *testing.T) {
			d, err := Open(2, precision)
			if err != nil {
				t.Skip(err)
			}
			defer d.Close()
			s := newStep(t, d, 512, 100, 64, 1)
			run := func() { s.forward(); s.backward(); s.clip(); s.weights(); s.update() }
			run()
			if allocations := testing.AllocsPerRun(20, run); allocations > 0 {
				t.Errorf("a step allocates %v times, want none", allocations)
			}
		})
	}
}
