package gan

import (
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/nets"
)

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
	s, columns := quickSettings(t, marginal.ModeGAN, 23)
	s.Model.Discriminator.Kind, s.Model.Discriminator.Dropout, s.CheckpointEvery = nets.KindMLP, 0.2, 2
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
