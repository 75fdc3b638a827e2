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
// clip, sum, one noise draw, update. Each Run charges nothing itself: the caller
// holds a reserved block (see Blocks).
type Step struct {
	device  device.Device
	gate    *Gate
	config  StepConfig
	model   Model
	sampler poissonSampler
	batch   []uint32

	table                  device.Table
	indices, count         device.Buffer
	key                    device.Buffer
	sums                   sums
	chunk                  device.Program
	update, chunkAndUpdate []device.Program // by the mean that is moved; chunkAndUpdate where one chunk is the batch
}

// sums are the clipped gradients of a batch's rows, and, for a net, of its fakes.
type sums struct{ private, public device.Vector }

// NewStep places the gate's rows on dev and records the step. The noise of
// update t is keyed freshly for each Step, so no nonce is used twice.
func NewStep(dev device.Device, gate *Gate, config StepConfig, model Model) (*Step, error) {
	source, err := newStream(gate.entropy)
	if err != nil {
		return nil, err
	}
	s := &Step{device: dev, gate: gate, config: config, model: model,
		sampler: poissonSampler{source: source, rows: gate.rows, rate: config.SampleRate}}
	key, err := gate.entropy.key()
	if err != nil {
		return nil, err
	}
	if err := s.allocate(len(key)); err != nil {
		return nil, err
	}
	dev.Upload(s.key, 0, key[:])
	if n := model.Net; n != nil && n.PrivateSeed != nil {
		seed, err := gate.entropy.secretSeed()
		if err != nil {
			return nil, err
		}
		dev.Upload(n.PrivateSeed, 0, []uint64{seed})
	}
	s.record()
	return s, dev.Sync()
}

// allocate places the rows and all that the step needs besides the model.
func (s *Step) allocate(key int) (err error) {
	if s.table, err = s.device.NewTable(s.gate.deviceColumns(s.model.Cells)); err != nil {
		return err
	}
	buffer := func(kind device.Kind, n int) device.Buffer {
		made, e := s.device.Alloc(kind, n)
		if err == nil {
			err = e
		}
		return made
	}
	s.indices, s.count, s.key = buffer(device.Uint32, s.config.PhysicalBatch), buffer(device.Uint32, 1), buffer(device.Uint32, key)
	if p := s.model.Pairs; p != nil {
		s.sums.private = device.NewVector(buffer(device.Uint64, p.Tables.Weights), 0, p.Tables.Weights)
		return err
	}
	n := s.model.Net.Adam.Parameters.Len
	both := buffer(device.Uint64, 2*n)
	s.sums.private, s.sums.public = device.NewVector(both, 0, n), device.NewVector(both, n, n)
	return err
}

func (s *Step) record() {
	s.chunk = s.device.Record("private chunk", s.addChunk)
	means := 1
	if p := s.model.Pairs; p != nil {
		means = len(p.Means)
	}
	for k := range means {
		s.update = append(s.update, s.device.Record("private update", func() { s.addUpdate(k) }))
		s.chunkAndUpdate = append(s.chunkAndUpdate, s.device.Record("private step", func() { s.addChunk(); s.addUpdate(k) }))
	}
}

// addChunk adds the clipped gradients of the rows on the device to the sums.
func (s *Step) addChunk() {
	if p := s.model.Pairs; p != nil {
		s.device.PairGradients(s.sums.private, s.table, p.Tables, s.indices, s.count)
		return
	}
	n := s.model.Net
	s.device.ExpandCodes(n.Rows, s.table, n.Layout, s.indices, s.count)
	n.Real()
	s.device.ClippedSum(s.sums.private, n.RealLayers, s.config.MaxGradNorm, s.count)
	if n.PrivateDraw != nil {
		s.device.Increment(n.PrivateDraw)
	}
}

// addUpdate adds the noise, once, and moves the parameters: mean k of pairs, or the net.
func (s *Step) addUpdate(k int) {
	noise := device.Noise{Key: s.key, Step: s.model.Update, Multiplier: s.config.NoiseMultiplier}
	if p := s.model.Pairs; p != nil {
		s.device.Increment(s.model.Update)
		s.device.PrivateMean(p.Means[k], s.sums.private, noise, s.config.MaxGradNorm, s.config.BatchSize)
		return
	}
	n := s.model.Net
	n.Fake()
	s.device.ClippedSum(s.sums.public, n.FakeLayers, s.config.MaxGradNorm, nil)
	s.device.Increment(n.Draw)
	s.device.Increment(s.model.Update)
	fakes := float64(n.FakeLayers[0].Delta.Rows)
	s.device.PrivateAdam(n.Adam, s.sums.private, s.sums.public, noise, s.config.MaxGradNorm, s.config.BatchSize, fakes)
}

// Run does one step: it samples a batch, sums the clipped gradients of its rows,
// in chunks if it is larger than the physical batch, adds the noise once, and
// updates the parameters, of the pairs the k-th mean. An empty batch steps like any
// other.
func (s *Step) Run(k int) {
	s.batch = s.sampler.sample(s.batch[:0])
	if rest := s.batch; len(rest) > s.config.PhysicalBatch {
		for len(rest) > 0 {
			n := min(len(rest), s.config.PhysicalBatch)
			s.uploadBatch(rest[:n])
			s.chunk.Run()
			rest = rest[n:]
		}
		s.update[k].Run()
		return
	}
	s.uploadBatch(s.batch)
	s.chunkAndUpdate[k].Run()
}

func (s *Step) uploadBatch(rows []uint32) {
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
