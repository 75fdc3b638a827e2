package gan

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
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
	e := netEngine(t, dev, randomRows(mates, rand.New(rand.NewPCG(4, 10)), 4, 3), 1)
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

// tracingDevice knows which buffers hold what was computed of a batch and not released:
// noised sums, of pairs or of gradients, are. It notes who reads from them.
type tracingDevice struct {
	device.Device
	secret map[device.Buffer]string
	read   []string
}

// follow makes outputs as secret as any of the inputs.
func (d *tracingDevice) follow(inputs, outputs []device.Buffer) {
	for _, in := range inputs {
		name, ok := d.secret[in]
		for _, out := range outputs {
			if ok && out != nil {
				d.secret[out] = name
			}
		}
	}
}

func (d *tracingDevice) hide(name string, buffers ...device.Buffer) {
	for _, b := range buffers {
		d.secret[b] = name
	}
}

func (d *tracingDevice) Download(dst any, src device.Buffer, offset int) error {
	if name, ok := d.secret[src]; ok {
		d.read = append(d.read, name)
	}
	return d.Device.Download(dst, src, offset)
}

func (d *tracingDevice) ExpandCodes(dst device.Matrix, table device.Table, layout *device.Layout, indices, count device.Buffer) {
	d.hide("rows", dst.Buffer)
	d.hide("the batch", indices, count)
	d.Device.ExpandCodes(dst, table, layout, indices, count)
}

func (d *tracingDevice) PairGradients(sum device.Vector, table device.Table, pairs *device.PairTables, indices, count device.Buffer) {
	d.hide("the sum of pairs", sum.Buffer)
	d.hide("the batch", indices, count)
	d.Device.PairGradients(sum, table, pairs, indices, count)
}

func (d *tracingDevice) ClippedSum(sum device.Vector, layers []device.LayerGradient, maxGradNorm float64, count device.Buffer) {
	for _, l := range layers {
		d.follow([]device.Buffer{l.Input.Buffer, l.Delta.Buffer}, []device.Buffer{sum.Buffer})
	}
	d.Device.ClippedSum(sum, layers, maxGradNorm, count)
}

func (d *tracingDevice) Copy(dst, src device.Matrix) {
	d.follow([]device.Buffer{src.Buffer}, []device.Buffer{dst.Buffer})
	d.Device.Copy(dst, src)
}

func (d *tracingDevice) LinearForward(y, x, w device.Matrix, b device.Vector, act device.Activation) {
	d.follow([]device.Buffer{x.Buffer, w.Buffer, b.Buffer}, []device.Buffer{y.Buffer, act.RNG.Seed, act.RNG.Step}) // what drops real rows, too
	d.Device.LinearForward(y, x, w, b, act)
}

func (d *tracingDevice) LinearBackwardData(dx, dy, w, x device.Matrix, act device.Activation, accumulate bool) {
	d.follow([]device.Buffer{dy.Buffer, w.Buffer, x.Buffer}, []device.Buffer{dx.Buffer})
	d.Device.LinearBackwardData(dx, dy, w, x, act, accumulate)
}

func (d *tracingDevice) LinearBackwardWeights(dw device.Matrix, db device.Vector, x, dy device.Matrix) {
	d.follow([]device.Buffer{x.Buffer, dy.Buffer}, []device.Buffer{dw.Buffer, db.Buffer})
	d.Device.LinearBackwardWeights(dw, db, x, dy)
}

func (d *tracingDevice) LogisticDelta(delta, logits device.Matrix, target, weight float32, stats device.Vector) {
	d.follow([]device.Buffer{logits.Buffer}, []device.Buffer{delta.Buffer, stats.Buffer})
	d.Device.LogisticDelta(delta, logits, target, weight, stats)
}

func (d *tracingDevice) MovingAverage(average, value device.Vector, decay float32) {
	d.follow([]device.Buffer{value.Buffer}, []device.Buffer{average.Buffer})
	d.Device.MovingAverage(average, value, decay)
}

func (d *tracingDevice) HeadsForward(hard, soft, logits device.Matrix, layout *device.Layout, tau float32, rng device.RNG) {
	d.follow([]device.Buffer{logits.Buffer, rng.Seed, rng.Step}, []device.Buffer{hard.Buffer, soft.Buffer})
	d.Device.HeadsForward(hard, soft, logits, layout, tau, rng)
}

func (d *tracingDevice) HeadsBackward(dlogits, drows, soft device.Matrix, layout *device.Layout, tau float32) {
	d.follow([]device.Buffer{drows.Buffer, soft.Buffer}, []device.Buffer{dlogits.Buffer})
	d.Device.HeadsBackward(dlogits, drows, soft, layout, tau)
}

func (d *tracingDevice) Lean(direction, pull device.Matrix, share float32) {
	d.follow([]device.Buffer{pull.Buffer}, []device.Buffer{direction.Buffer})
	d.Device.Lean(direction, pull, share)
}

func (d *tracingDevice) AdamUpdate(adam device.Adam, gradient device.Vector) {
	d.follow([]device.Buffer{gradient.Buffer}, []device.Buffer{adam.Parameters.Buffer, adam.First.Buffer, adam.Second.Buffer})
	d.Device.AdamUpdate(adam, gradient)
}

// Nothing is read of what a batch was made into but noised sums, in no stage of a run, and
// what is read is made of nothing else.
func TestNothingOfABatchIsRead(t *testing.T) {
	host := cpu.New(1)
	defer host.Close()
	dev := &tracingDevice{Device: host, secret: map[device.Buffer]string{}}
	s, columns := quickSettings(t, ModeGAN, 23)
	s.Model.Discriminator.Kind, s.Model.Discriminator.Dropout, s.CheckpointEvery = KindMLP, 0.2, 2
	if _, err := trainOn(t, t.Context(), dev, s, columns); err != nil {
		t.Fatal(err)
	}
	if len(dev.read) > 0 {
		t.Errorf("read are buffers that hold %q", dev.read)
	}
	seen := map[string]int{}
	for _, name := range dev.secret {
		seen[name]++
	}
	if seen["rows"] < 5 || seen["the sum of pairs"] != 1 || seen["the batch"] != 4 {
		t.Errorf("batches were followed into %v", seen)
	}
}
