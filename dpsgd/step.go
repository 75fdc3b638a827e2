package dpsgd

import (
	"math"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// StepConfig is what changes the guarantee of a step.
type StepConfig struct {
	// BatchSize is the expected batch q·n; SampleRate is q.
	BatchSize       float64
	SampleRate      float64
	MaxGradNorm     float64
	NoiseMultiplier float64
	// PhysicalBatch is how many rows are on the device at once; a larger batch runs
	// in chunks.
	PhysicalBatch int
}

// PhysicalBatch is the number of rows at which a Poisson batch of expected size
// batch outgrows one chunk about once in 10⁹ steps, but at most rows and, if
// bound > 0, bound.
func PhysicalBatch(batch float64, rows, bound int) int {
	p := int(math.Ceil(batch + 6*math.Sqrt(batch) + 1))
	p = min(p, max(rows, 1))
	if bound > 0 {
		p = min(p, bound)
	}
	return p
}

// Step is the privatized step on a device: Poisson batch, per-record gradient,
// clip, sum, one noise draw, Adam. Each Run charges nothing itself: the caller
// holds a reserved block (see Blocks).
type Step struct {
	device  device.Device
	gate    *Gate
	config  StepConfig
	model   Model
	sampler poissonSampler
	batch   []uint32

	table          device.Table
	indices, count device.Buffer
	whole          device.Program // one chunk and the update
	chunk, update  device.Program
}

// NewStep places the gate's rows on dev and records the step. The noise of
// update t is keyed freshly for each Step, so no nonce is used twice.
func NewStep(dev device.Device, gate *Gate, config StepConfig, model Model) (*Step, error) {
	source, err := newStream(gate.entropy)
	if err != nil {
		return nil, err
	}
	s := &Step{device: dev, gate: gate, config: config, model: model,
		sampler: poissonSampler{source: source, rows: gate.rows, rate: config.SampleRate}}
	if s.table, err = dev.NewTable(gate.deviceColumns(model.Cells)); err != nil {
		return nil, err
	}
	noise := device.Noise{Step: model.Adam.Step, Multiplier: config.NoiseMultiplier}
	key, err := gate.entropy.key()
	if err != nil {
		return nil, err
	}
	allocate := func(kind device.Kind, n int) device.Buffer {
		buffer, e := dev.Alloc(kind, n)
		if err == nil {
			err = e
		}
		return buffer
	}
	s.indices, s.count = allocate(device.Uint32, config.PhysicalBatch), allocate(device.Uint32, 1)
	noise.Key = allocate(device.Uint32, len(key))
	n := model.Adam.Parameters.Len
	sums := allocate(device.Uint64, 2*n)
	if err != nil {
		return nil, err
	}
	dev.Upload(noise.Key, 0, key[:])
	if model.PrivateSeed != nil {
		seed, err := gate.entropy.secretSeed()
		if err != nil {
			return nil, err
		}
		dev.Upload(model.PrivateSeed, 0, []uint64{seed})
	}
	s.record(noise, device.NewVector(sums, 0, n), device.NewVector(sums, n, n))
	return s, dev.Sync()
}

func (s *Step) record(noise device.Noise, private, public device.Vector) {
	dev, m, c := s.device, &s.model, &s.config
	fakes := float64(m.FakeLayers[0].Delta.Rows)
	chunk := func() {
		dev.ExpandCodes(m.Rows, s.table, m.Layout, s.indices, s.count)
		m.Real()
		dev.ClippedSum(private, m.RealLayers, c.MaxGradNorm, s.count)
		if m.PrivateDraw != nil {
			dev.Increment(m.PrivateDraw)
		}
	}
	update := func() {
		m.Fake()
		dev.ClippedSum(public, m.FakeLayers, c.MaxGradNorm, nil)
		dev.Increment(m.Draw)
		dev.Increment(m.Adam.Step)
		dev.PrivateAdam(m.Adam, private, public, noise, c.MaxGradNorm, c.BatchSize, fakes)
	}
	s.whole = dev.Record("private step", func() { chunk(); update() })
	s.chunk = dev.Record("private chunk", chunk)
	s.update = dev.Record("private update", update)
}

// Run does one step: it samples a batch, sums the clipped gradients of its rows,
// in chunks if it is larger than the physical batch, adds the noise once, and
// updates the parameters. An empty batch steps like any other.
func (s *Step) Run() {
	s.batch = s.sampler.sample(s.batch[:0])
	if rest := s.batch; len(rest) > s.config.PhysicalBatch {
		for len(rest) > 0 {
			n := min(len(rest), s.config.PhysicalBatch)
			s.place(rest[:n])
			s.chunk.Run()
			rest = rest[n:]
		}
		s.update.Run()
		return
	}
	s.place(s.batch)
	s.whole.Run()
}

func (s *Step) place(rows []uint32) {
	if len(rows) > 0 {
		s.device.Upload(s.indices, 0, rows)
	}
	s.device.Upload(s.count, 0, []uint32{uint32(len(rows))})
}

// Release frees the rows on the device.
func (s *Step) Release() { s.table.Release() }

// Event is what count runs of a step cost.
func (c StepConfig) Event(count int) accounting.Event {
	return accounting.Event{Mechanism: accounting.PoissonGaussian, NoiseMultiplier: c.NoiseMultiplier,
		SampleRate: c.SampleRate, Count: count, Stage: "discriminator", Purpose: "DP-SGD steps"}
}
