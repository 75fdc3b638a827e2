package dpsgd

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

// HostStep is Step for an engine that computes its clipped sums on the host, as
// the reference does: the same batches, noise and rounding for the same entropy.
type HostStep struct {
	gate    *Gate
	config  StepConfig
	layout  *device.Layout
	sampler poissonSampler
	key     [8]uint32
	draw    device.Draw // of the randomness on real rows; see Model.PrivateSeed
	batch   []uint32
	sum     []int64
}

// NewHostStep prepares steps over gate's rows.
func NewHostStep(gate *Gate, config StepConfig, layout *device.Layout) (*HostStep, error) {
	source, err := newStream(gate.entropy)
	if err != nil {
		return nil, err
	}
	key, err := gate.entropy.key()
	if err != nil {
		return nil, err
	}
	seed, err := gate.entropy.secretSeed()
	if err != nil {
		return nil, err
	}
	return &HostStep{gate: gate, config: config, layout: layout, key: key, draw: device.Draw{Seed: seed},
		sampler: poissonSampler{source: source, rows: gate.rows, rate: config.SampleRate}}, nil
}

// Run samples a batch, hands it to add in chunks of at most the physical batch,
// and writes to gradient [P] the noised sum of update (1, 2, …) divided by the expected
// batch size. add must add to sum [P] the integers of each of the rows [count,
// layout.Width], as device.ClipRecord makes them; it is called once with count 0 for an
// empty batch. What add draws for the i-th row, it draws as number i of draw.
func (s *HostStep) Run(update uint64, gradient []float64, add func(rows []float32, count int, draw device.Draw, sum []int64) error) error {
	s.batch = s.sampler.sample(s.batch[:0])
	if s.sum == nil {
		s.sum = make([]int64, len(gradient))
	}
	clear(s.sum)
	for rest := s.batch; ; {
		n := min(len(rest), s.config.PhysicalBatch)
		if err := add(s.expand(rest[:n]), n, s.draw, s.sum); err != nil {
			return err
		}
		s.draw.Step++
		if rest = rest[n:]; len(rest) == 0 {
			break
		}
	}
	s.noise(update)
	unit := math.Ldexp(s.config.MaxGradNorm, -device.SumBits) / s.config.BatchSize
	for i, x := range s.sum {
		gradient[i] = unit * float64(x)
	}
	return nil
}

// noise adds the noise of update to the sum, as device.Gradients.PrivateAdam does.
func (s *HostStep) noise(update uint64) {
	if s.config.NoiseMultiplier == 0 {
		return
	}
	sigma := math.Ldexp(s.config.NoiseMultiplier, device.SumBits)
	for i := 0; i < len(s.sum); i += 8 {
		draws := device.RoundedNoise(&s.key, 0, update, uint32(i/8), sigma)
		for k := range min(8, len(s.sum)-i) {
			s.sum[i+k] += int64(draws[k])
		}
	}
}

// expand lays out rows [len(batch), layout.Width] as device.Rows.ExpandCodes does.
func (s *HostStep) expand(batch []uint32) []float32 {
	width := s.layout.Width
	rows := make([]float32, len(batch)*width)
	for i, index := range batch {
		row := rows[i*width : (i+1)*width]
		for j := range s.layout.Spans {
			span := &s.layout.Spans[j]
			code := s.gate.columns[span.Column].At(int(index))
			mode := span.Mode(code)
			row[span.ModeStart()+mode] = 1
			if span.Offset {
				row[span.Start] = span.Position(code, mode)
			}
		}
	}
	return rows
}
