package dpsgd

import (
	"math"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
)

// twoColumns are 300 rows of two columns, and cells of them.
func twoColumns(t *testing.T) (*Gate, []Cells) {
	t.Helper()
	gate, columns := NewGate([]uint32{1000, 3}, nil, InsecureEntropy(9)), make([][]uint32, 2)
	for i := range uint32(300) {
		columns[0], columns[1] = append(columns[0], i*37%1000), append(columns[1], i%3)
	}
	if err := gate.Append(columns); err != nil {
		t.Fatal(err)
	}
	return gate, []Cells{{Edges: []uint32{0, 100, 200, 1000}, Index: []uint32{1, 0, 1}, Count: 2}, EachBin([]uint32{0, 1, 3})}
}

// lastGradient makes a step of the pairs of two columns of two cells, and what runs it and
// returns the gradient that it released: a mean that knew nothing before.
func lastGradient(t *testing.T, config StepConfig, gradient int32) func() []float32 {
	t.Helper()
	dev := cpu.New(1)
	t.Cleanup(func() { _ = dev.Close() })
	pairs := &device.PairTables{Tables: []device.PairTable{{A: 0, B: 1, Target: -1, CountB: 2, CountTarget: 1, Gradient: gradient}},
		Weights: 4}
	alloc := func(kind device.Kind, n int) device.Buffer {
		b, err := dev.Alloc(kind, n)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	vector := func() device.Vector { return device.NewVector(alloc(device.Float32, pairs.Weights), 0, pairs.Weights) }
	mean := device.Mean{Values: vector(), Scale: vector(), Count: vector()}
	dev.Fill(mean.Scale, 1)
	gate, cells := twoColumns(t)
	step, err := NewStep(dev, gate, config,
		Model{Cells: cells, Update: alloc(device.Uint64, 1), Pairs: &Pairs{Tables: pairs, Means: []device.Mean{mean}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(step.Release)
	return func() []float32 {
		dev.Fill(mean.Count, 0)
		step.Run(0)
		got := make([]float32, pairs.Weights)
		if err := dev.Download(got, mean.Values.Buffer, mean.Values.Offset); err != nil {
			t.Fatal(err)
		}
		return got
	}
}

// For the same entropy the host's steps are a device's, to the last bit: batches, chunks,
// cells and noise.
func TestHostStepsAreTheDevices(t *testing.T) {
	config := StepConfig{BatchSize: 60, SampleRate: 0.2, MaxGradNorm: 0.7, NoiseMultiplier: 2, PhysicalBatch: 61}
	const gradient, steps = 1 << 22, 20
	last := lastGradient(t, config, gradient)
	gate, cells := twoColumns(t)
	host, err := NewHostStep(gate, config, cells, false)
	if err != nil {
		t.Fatal(err)
	}
	chunks, sum, want := 0, make([]int64, 4), make([]float32, 4)
	add := func(batch [][]uint32, _ device.Draw, sum []int64) error {
		chunks++
		for _, row := range batch {
			sum[row[0]*2+row[1]] += gradient
		}
		return nil
	}
	for update := uint64(1); update <= steps; update++ {
		if err := host.Run(update, sum, add); err != nil {
			t.Fatal(err)
		}
		for i, x := range sum {
			want[i] = float32(float64(x) * (math.Ldexp(config.MaxGradNorm, -device.SumBits) / config.BatchSize))
		}
		if got := last(); !slices.Equal(got, want) {
			t.Fatalf("step %d: %v, and on the device %v", update, want, got)
		}
	}
	if chunks == steps {
		t.Error("no batch had two chunks")
	}
}
