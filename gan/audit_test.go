package gan

import (
	"math"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
)

// auditLayout has a conditioned column with an offset and one without.
func auditLayout() *device.Layout {
	return &device.Layout{Width: 8, ConditionWidth: 7, Spans: []device.Span{
		{Column: 0, Start: 0, Offset: true, Edges: []uint32{0, 10, 11, 30}, Condition: 0},
		{Column: 1, Start: 4, Edges: []uint32{0, 1, 2, 3, 4}, Condition: 3},
	}}
}

// gradientOf is what record `of` of a batch contributes to the discriminator's
// gradient: the inputs and deltas of all layers, for a batch of the given rows.
func gradientOf(t *testing.T, of int, rows [][]float32) []float32 {
	t.Helper()
	dev := cpu.New(2)
	t.Cleanup(func() { _ = dev.Close() })
	layout := auditLayout()
	shape := newDiscriminatorShape(DiscriminatorConfig{Hidden: []int{40, 24}, Dropout: 0.3}, layout)
	a := &arena{dev: dev}
	parameters, seed, step := a.vector(shape.parameters.size), a.buffer(device.Uint64, 1), a.counter()
	rng := func(stream uint32) device.RNG { return device.RNG{Seed: seed, Step: step, Stream: stream} }
	net := newDiscriminator(a, shape, len(rows), parameters, rng(DropoutStream))
	if a.err != nil {
		t.Fatal(a.err)
	}
	dev.Upload(seed, 0, []uint64{11})
	weights := make([]float32, shape.parameters.size)
	for i := range weights {
		weights[i] = 0.3 * device.Draw{Seed: 4}.Normal(i)
	}
	dev.Upload(parameters.Buffer, parameters.Offset, weights)
	for i, row := range rows {
		dev.Upload(net.rows().Buffer, net.rows().Offset+i*net.rows().Stride, row)
	}
	dev.OwnCondition(net.condition(), net.rows(), layout, rng(OwnConditionStream))
	net.forward()
	dev.LogisticDelta(net.deltas[len(net.deltas)-1], net.logits(), 1, 1, device.Vector{})
	net.backward()
	var gradient []float32
	for _, l := range net.gradientLayers() {
		for _, m := range []device.Matrix{l.Input, l.Delta} {
			row := make([]float32, m.Cols)
			if err := dev.Download(row, m.Buffer, m.Offset+of*m.Stride); err != nil {
				t.Fatal(err)
			}
			gradient = append(gradient, row...)
		}
	}
	return gradient
}

// One record's gradient owes nothing to its batch mates, whatever they hold: the
// clip bounds a record's influence only if that is all its influence.
func TestGradientOwesNothingToBatchMates(t *testing.T) {
	const batch = 37
	row := func(value float32, mode int) []float32 {
		r := make([]float32, 8)
		r[0], r[1+mode%3], r[4+mode%4] = value, 1, 1
		return r
	}
	record := row(0.25, 1)
	mates := map[string]func(i int) []float32{
		"alike":        func(int) []float32 { return record },
		"zero":         func(int) []float32 { return make([]float32, 8) },
		"huge":         func(int) []float32 { return row(1e30, 2) },
		"infinite":     func(int) []float32 { return row(float32(math.Inf(1)), 0) },
		"not a number": func(int) []float32 { return row(float32(math.NaN()), 0) },
		"mixed":        func(i int) []float32 { return row(float32(i)/batch, i) },
	}
	for _, of := range []int{0, 5, batch - 1} {
		among := func(name string) []float32 {
			rows := make([][]float32, batch)
			for i := range rows {
				rows[i] = mates[name](i)
			}
			rows[of] = record
			return gradientOf(t, of, rows)
		}
		want := among("alike")
		for name := range mates {
			got := among(name)
			for i := range got {
				if got[i] != want[i] {
					t.Errorf("record %d among %s: element %d of its gradient is %g, not %g", of, name, i, got[i], want[i])
					break
				}
			}
		}
	}
}

// The check above can fail: the gradient does depend on the record itself.
func TestGradientDependsOnItsRecord(t *testing.T) {
	rows := [][]float32{{0.25, 0, 1, 0, 1, 0, 0, 0}, {0.5, 1, 0, 0, 0, 1, 0, 0}}
	a, b := gradientOf(t, 0, rows), gradientOf(t, 1, rows)
	for i := range a {
		if a[i] != b[i] {
			return
		}
	}
	t.Error("two different records have the same gradient")
}
