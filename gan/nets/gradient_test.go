package nets_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/gantest"
)

// hostileDevice puts other rows in the place of a batch's, and reads what row of
// contributes to the gradient of a net: the inputs and deltas of all layers.
type hostileDevice struct {
	device.Device
	of       int
	rows     func(i int) []float32
	gradient []float32
	err      error
}

func (d *hostileDevice) ExpandCodes(dst device.Matrix, table device.Table, layout *device.Layout, indices, count device.Buffer) {
	d.Device.ExpandCodes(dst, table, layout, indices, count)
	for i := range table.Rows() {
		d.Upload(dst.Buffer, dst.Offset+i*dst.Stride, d.rows(i))
	}
}

func (d *hostileDevice) ClippedSum(sum device.Vector, layers []device.LayerGradient, maxGradNorm float64, count device.Buffer) {
	d.Device.ClippedSum(sum, layers, maxGradNorm, count)
	if count == nil {
		return // fakes
	}
	for _, l := range layers {
		for _, m := range []device.Matrix{l.Input, l.Delta} {
			row := make([]float32, m.Cols)
			if err := d.Download(row, m.Buffer, m.Offset+d.of*m.Stride); err != nil {
				d.err = err
			}
			d.gradient = append(d.gradient, row...)
		}
	}
}

// mates is how many rows a batch has.
const mates = 37

// gradientOf is what row of a batch contributes to the net's gradient in a step of the
// engine, if the batch is the given rows.
func gradientOf(t *testing.T, of int, rows func(i int) []float32) []float32 {
	t.Helper()
	host := cpu.New(2)
	defer host.Close()
	dev := &hostileDevice{Device: host, of: of, rows: rows}
	e := netEngine(t, dev, gantest.RandomRows(mates, rand.New(rand.NewPCG(4, 10)), 4, 3), 1)
	if err := e.NetStep(0.01); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil || dev.err != nil || len(dev.gradient) == 0 {
		t.Fatal(err, dev.err, len(dev.gradient))
	}
	return dev.gradient
}

// oneHot is a row of the layout of gradientOf, times value.
func oneHot(i int, value float32) []float32 {
	r := make([]float32, 7)
	r[i%4], r[4+i%3] = value, value
	return r
}

// One record's gradient owes nothing to its batch mates, whatever they hold: the
// clip bounds a record's influence only if that is all its influence.
func TestGradientOwesNothingToBatchMates(t *testing.T) {
	record := oneHot(1, 1)
	all := map[string]func(i int) []float32{
		"alike":        func(int) []float32 { return record },
		"zero":         func(int) []float32 { return make([]float32, 7) },
		"dense":        func(int) []float32 { return slices.Repeat([]float32{0.3}, 7) },
		"huge":         func(i int) []float32 { return oneHot(i, 1e30) },
		"infinite":     func(int) []float32 { return oneHot(0, float32(math.Inf(1))) },
		"not a number": func(int) []float32 { return oneHot(2, float32(math.NaN())) },
		"mixed":        func(i int) []float32 { return oneHot(i, float32(i)/mates) },
	}
	for _, of := range []int{0, 5, mates - 1} {
		among := func(name string) []float32 {
			return gradientOf(t, of, func(i int) []float32 {
				if i == of {
					return record
				}
				return all[name](i)
			})
		}
		want := among("alike")
		for name := range all {
			if got := among(name); !slices.Equal(got, want) {
				t.Errorf("record %d among %s: its gradient is %g, not %g", of, name, got, want)
			}
		}
	}
}

// The check above can fail: the gradient does depend on the record itself.
func TestGradientDependsOnItsRecord(t *testing.T) {
	of := func(i int) []float32 { return gradientOf(t, 5, func(int) []float32 { return oneHot(i, 1) }) }
	if slices.Equal(of(0), of(1)) {
		t.Error("two different records have the same gradient")
	}
}
