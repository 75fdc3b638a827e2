package nets

import (
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
)

// netTrainer trains the net by DP-SGD to tell real rows from fakes, one of each atom, and
// takes its gradient back to the generator, straight through the one-hot rows (Jang, Gu,
// Poole 2017).
type netTrainer struct {
	dev        device.Device
	config     *NetConfig
	shape      *discriminatorShape
	trained    trained
	white      whitener
	fake       *discriminator
	hard, soft device.Matrix // [N, D]
	drows      device.Matrix // [N, D]
	dinput     device.Matrix // [N, outputs of the whitening]
	dlogits    device.Matrix // [N, D]
	stats      device.Vector
	draws      device.Buffer
	seed       device.Buffer
	accuracy   device.Vector
	layout     *device.Layout
	generator  *trainedGenerator
	arena      *allocator
	step       *dpsgd.Step
	secret     device.RNG
}

func newNetTrainer(a *allocator, t *trainedGenerator, b *EngineConfig, draws device.Buffer, accuracy device.Vector) *netTrainer {
	n, d := b.Atoms.Count, b.Layout.Width
	shape := newDiscriminatorShape(b.Net.Config, b.Net.White.Outputs)
	net := &netTrainer{dev: a.dev, config: b.Net, shape: shape, layout: b.Layout, generator: t, arena: a, draws: draws, accuracy: accuracy,
		trained: newTrained(a, &shape.parameters, NetBeta1, NetBeta2, NetEpsilon), white: newWhitener(a, b.Net.White),
		hard: a.matrix(n, d), soft: a.matrix(n, d), drows: a.matrix(n, d), dinput: a.matrix(n, b.Net.White.Outputs), dlogits: a.matrix(n, d),
		stats: a.vector(2), seed: a.buffer(device.Uint64, 1),
		secret: device.RNG{Seed: a.buffer(device.Uint64, 1), Step: a.counter(), Stream: DropoutStream}}
	net.fake = newDiscriminator(a, shape, n, net.trained.adam.Parameters, net.rng(DropoutStream))
	if a.err == nil {
		a.dev.Upload(net.seed, 0, []uint64{b.Seed})
	}
	return net
}

func (n *netTrainer) rng(stream uint32) device.RNG {
	return device.RNG{Seed: n.seed, Step: n.draws, Stream: stream}
}

// buildStep makes the private step.
func (n *netTrainer) buildStep(gate *dpsgd.Gate, b *EngineConfig) (err error) {
	rows := n.arena.matrix(b.Step.PhysicalBatch, n.layout.Width)
	real := newDiscriminator(n.arena, n.shape, b.Step.PhysicalBatch, n.trained.adam.Parameters, n.secret)
	if n.arena.err != nil {
		return n.arena.err
	}
	n.step, err = dpsgd.NewStep(n.dev, gate, b.Step, dpsgd.Model{Cells: b.Cells, Update: n.trained.adam.Step, Net: &dpsgd.Net{
		Rows: rows, Layout: n.layout, Draw: n.draws, Adam: n.trained.adam, PrivateSeed: n.secret.Seed, PrivateDraw: n.secret.Step,
		Real: func() {
			n.white.apply(n.dev, real.input(), rows)
			n.forwardBackward(real, 1, 1, device.Vector{})
		},
		RealLayers: real.gradientLayers(),
		Fake: func() {
			n.generator.forward()
			n.fakes()
			n.forwardBackward(n.fake, 0, 1, n.stats)
			n.dev.MovingAverage(n.accuracy, n.stats, AccuracyDecay)
		},
		FakeLayers: n.fake.gradientLayers(),
	}})
	return err
}

// fakes draws a row of each atom and shows it to the net.
func (n *netTrainer) fakes() {
	n.dev.HeadsForward(n.hard, n.soft, n.generator.logits, n.layout, float32(n.config.Temperature), n.rng(HeadsStream))
	n.white.apply(n.dev, n.fake.input(), n.hard)
}

// forwardBackward runs the net forward and back against target.
func (n *netTrainer) forwardBackward(d *discriminator, target, weight float32, stats device.Vector) {
	d.forward()
	n.dev.LogisticDelta(d.deltas[len(d.deltas)-1], d.logits(), target, weight, stats)
	d.backward()
}

// pull adds to the gradient at the generator's logits that of -ln D(fake), the
// non-saturating loss, at Pull of the length of what is there.
func (n *netTrainer) pull(t *trainedGenerator) {
	n.fakes()
	n.forwardBackward(n.fake, 1, 1, device.Vector{})
	n.fake.backwardInput(n.dinput)
	n.dev.LinearBackwardData(n.drows, n.dinput, n.white.weight, n.hard, device.Activation{}, false)
	n.dev.HeadsBackward(n.dlogits, n.drows, n.soft, n.layout, float32(n.config.Temperature))
	n.dev.Lean(t.dlogits, n.dlogits, float32(n.config.Pull))
	n.dev.Increment(n.draws)
}

// AccuracyDecay is the decay of the moving average behind FakeAccuracy.
const AccuracyDecay = 0.98

// Streams of the public randomness. Draws of the same stream are told apart by
// the draw counter, which counts updates and generator steps, or, under the
// secret seed of what is drawn on real rows, chunks.
const (
	HeadsStream   uint32 = iota + 1
	DropoutStream        // and the ones after it, by layer
)
