package nets_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/gantest"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/moment"
	"github.com/dpgan/dpgan/gan/nets"
	"github.com/dpgan/dpgan/tabular/tabulartest"
)

// netEngine is an engine with a net, all rows in each batch, on columns of four and three
// cells, and a generator that draws each cell as often as the others.
func netEngine(t *testing.T, dev device.Device, columns [][]uint32, noise float64) nets.Engine {
	t.Helper()
	m, rows := gantest.Even(false, 4, 3), len(columns[0])
	config := dpsgd.StepConfig{BatchSize: float64(rows), SampleRate: 1, MaxGradNorm: 1, NoiseMultiplier: noise, PhysicalBatch: rows + 3}
	w := moment.NewWeights(m, config, float64(rows), 1)
	b := nets.EngineConfig{Layout: marginal.Layout(m.Columns), Cells: marginal.CellsOf(m.Columns), Atoms: nets.AtomsConfig{Count: 4, Latent: 2}, Pairs: w.Pairs, Step: config}
	b.Initial.Tensors = nets.Initial(b.Atoms, b.Layout, m.HeadBias(float64(rows)), w.Pairs, w.Initials(1), 1)
	b.Scale, b.Count = w.RunningMeans(config.MaxGradNorm, 0)
	white := &nets.Whitening{Inputs: 7, Outputs: 7, Weight: make([]float32, 49), Bias: make([]float32, 7)}
	for k := range 7 {
		white.Weight[8*k], white.Bias[k] = 2, -0.5
	}
	b.Net = &nets.NetConfig{Config: nets.DiscriminatorConfig{Hidden: []int{40, 24}, Dropout: 0.3}, White: white, Temperature: 0.5, Pull: 0.5}
	maps.Copy(b.Initial.Tensors, nets.InitialNet(b.Net.Config, white, 3))
	e, err := nets.NewDeviceEngine(dev, gantest.Gate(t, m, columns, 6), b)
	if err != nil {
		t.Fatal(err)
	}
	a := moment.NewObjective(m, w, 1)
	if err := e.Aim(nets.Fitted, a.Of(nets.Fitted, a.Initial(nets.Fitted, 1))); err != nil {
		t.Fatal(err)
	}
	return e
}

// pullingDevice keeps how the net pulls at the generator's logits.
type pullingDevice struct {
	device.Device
	pull []float32
	err  error
}

func (d *pullingDevice) Lean(direction, pull device.Matrix, share float32) {
	d.Device.Lean(direction, pull, share)
	d.pull = make([]float32, pull.Rows*pull.Cols)
	d.err = d.Download(d.pull, pull.Buffer, pull.Offset)
}

// A net recognises fakes, and pulls the generator most towards the cells of real rows.
func TestNetPullsTowardsRealRows(t *testing.T) {
	for _, cells := range [][]uint32{{0, 0}, {2, 1}} {
		host := cpu.New(1)
		defer host.Close()
		dev := &pullingDevice{Device: host}
		e := netEngine(t, dev, tabulartest.Rows(50, cells...), 1e-3)
		for range 60 {
			if err := e.NetStep(0.02); err != nil {
				t.Fatal(err)
			}
		}
		if share, err := e.FakeAccuracy(); err != nil || share < 0.5 { // a moving average, of fakes of which some are like the rows
			t.Errorf("%g of the fakes are recognised: %v", share, err)
		}
		towards := make([]float64, 7)
		for range 20 {
			if err := e.GeneratorStep(0, 0); err != nil || dev.err != nil {
				t.Fatal(err, dev.err)
			}
			for i, g := range dev.pull {
				towards[i%7] -= float64(g)
			}
		}
		for j, most := range []int{slices.Index(towards[:4], slices.Max(towards[:4])), slices.Index(towards[4:], slices.Max(towards[4:]))} {
			if most != int(cells[j]) || towards[4*j+most] <= 0 {
				t.Errorf("real rows have the cells %v, and the net pulls by %.3g", cells, towards)
			}
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
}
