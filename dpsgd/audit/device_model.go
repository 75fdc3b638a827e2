package audit

import (
	"math"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
)

// layerCut is where D coordinates are cut between the two layers.
func layerCut(dimension int) int { return dimension / 2 }

// buildModel makes a model whose gradients are the table's: two affine layers with
// input 1, which share the coordinates. A record's delta is its one-hot row times
// the table of gradients. Coordinate i of a gradient g lies in a weight and in a
// bias, gᵢ/√2 each, so that only a clip over the joint norm of weights, biases
// and layers bounds a record.
func (s *deviceStepper) buildModel(t Table) (dpsgd.Model, error) {
	a := &allocator{dev: s.dev}
	d, rows, k := s.dimension, t.Step.PhysicalBatch, len(t.Gradients)
	parameters := 2 * d
	s.read = make([]float32, parameters)
	s.parameters = a.vector(parameters)
	passes := passesFor(t.Gradients)
	real, zero := a.matrix(rows, k), a.vector(d)
	chain := []device.Matrix{real}
	weights := []device.Matrix{a.filled(k, d, scaled(t.Gradients, math.Sqrt2/2*math.Pow(amplifier, -float64(passes))))}
	for range passes {
		weights = append(weights, a.filled(d, d, axes(d, amplifier)))
	}
	for range weights {
		chain = append(chain, a.matrix(rows, d))
	}
	fakeRow := make([]float64, d)
	if t.Fake != nil {
		fakeRow = t.Fake
	}
	fakeDelta := a.filled(fakes, d, scaled([][]float64{fakeRow, fakeRow, fakeRow, fakeRow}, math.Sqrt2/2))
	net := &dpsgd.Net{
		Rows: real, Layout: oneHot(k), Draw: a.buffer(device.Uint64, 1),
		RealLayers: layers(a.ones(rows), chain[len(chain)-1]),
		FakeLayers: layers(a.ones(fakes), fakeDelta),
		Adam: device.Adam{Parameters: s.parameters, First: a.vector(parameters), Second: a.vector(parameters),
			LearningRate: a.filled(1, 1, [][]float64{{unitEpsilon}}).Buffer, Step: a.buffer(device.Uint64, 1), Epsilon: unitEpsilon},
	}
	net.Real = func() {
		for i, w := range weights {
			s.dev.LinearForward(chain[i+1], chain[i], w, zero, device.Activation{})
		}
	}
	// Each step starts from 0, so that what is read is this step's update alone.
	net.Fake = func() { s.dev.Fill(s.parameters, 0) }
	model := dpsgd.Model{Update: net.Adam.Step, Net: net}
	if a.err != nil {
		return model, a.err
	}
	return model, s.dev.Sync()
}

// layers cuts delta [B, D] between two layers of input ones [B, 1].
func layers(ones, delta device.Matrix) []device.LayerGradient {
	d := delta.Cols
	cut := layerCut(d)
	return []device.LayerGradient{
		{Input: ones, Delta: delta.Columns(0, cut), Weights: 0, Bias: cut},
		{Input: ones, Delta: delta.Columns(cut, d), Weights: 2 * cut, Bias: cut + d},
	}
}

// oneHot lays out one column of k codes as k cells.
func oneHot(k int) *device.Layout {
	edges := make([]uint32, k+1)
	for i := range edges {
		edges[i] = uint32(i)
	}
	return &device.Layout{Spans: []device.Span{{Edges: edges}}, Width: k}
}

// passesFor is how many amplifying passes reach the largest gradient.
func passesFor(gradients [][]float64) int {
	largest := 0.0
	for _, g := range gradients {
		for _, x := range g {
			largest = math.Max(largest, math.Abs(x))
		}
	}
	passes := 0
	for largest > 1e38 {
		largest /= amplifier
		passes++
	}
	return passes
}

func scaled(rows [][]float64, by float64) [][]float64 {
	out := make([][]float64, len(rows))
	for i, row := range rows {
		out[i] = make([]float64, len(row))
		for j, x := range row {
			out[i][j] = x * by
		}
	}
	return out
}

// allocator makes buffers and keeps the first error.
type allocator struct {
	dev device.Device
	err error
}

func (a *allocator) buffer(kind device.Kind, n int) device.Buffer {
	buffer, err := a.dev.Alloc(kind, n)
	if a.err == nil {
		a.err = err
	}
	return buffer
}

func (a *allocator) vector(n int) device.Vector {
	return device.NewVector(a.buffer(device.Float32, n), 0, n)
}

func (a *allocator) matrix(rows, cols int) device.Matrix {
	return device.NewMatrix(a.buffer(device.Float32, rows*cols), 0, rows, cols)
}

// filled is a matrix of given values.
func (a *allocator) filled(rows, cols int, values [][]float64) device.Matrix {
	m := a.matrix(rows, cols)
	if a.err == nil {
		flat := make([]float32, 0, rows*cols)
		for _, row := range values {
			for _, x := range row {
				flat = append(flat, float32(x))
			}
		}
		a.dev.Upload(m.Buffer, 0, flat)
	}
	return m
}

func (a *allocator) ones(rows int) device.Matrix {
	m := a.matrix(rows, 1)
	if a.err == nil {
		a.dev.Fill(device.NewVector(m.Buffer, 0, rows), 1)
	}
	return m
}
