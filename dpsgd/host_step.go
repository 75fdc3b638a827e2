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
	columns []device.Codes
	sampler poissonSampler
	key     [8]uint32
	draw    device.Draw // of the randomness on real rows; see Net.PrivateSeed
	batch   []uint32
}

// NewHostStep prepares steps over gate's rows, their codes told as cells if there are
// any. A net that draws on real rows needs a secret seed, pairs do not.
func NewHostStep(gate *Gate, config StepConfig, cells []Cells, draws bool) (*HostStep, error) {
	source, err := newStream(gate.entropy)
	if err != nil {
		return nil, err
	}
	s := &HostStep{gate: gate, config: config, columns: gate.deviceColumns(cells),
		sampler: poissonSampler{source: source, rows: gate.rows, rate: config.SampleRate}}
	if s.key, err = gate.entropy.key(); err != nil || !draws {
		return s, err
	}
	s.draw.Seed, err = gate.entropy.secretSeed()
	return s, err
}

// Run samples a batch, hands it to add in chunks of at most the physical batch, and
// leaves in sum [P] the noised sum of update (1, 2, …): integers, multiples of
// MaxGradNorm·2^-SumBits. add must add to sum what each of rows, a record's codes by
// column, adds: integers whose norm is at most 2^SumBits (device.ClipRecord,
// device.SecondOrder). It is called once with no rows for an empty batch. What add
// draws for the i-th row, it draws as number i of draw.
func (s *HostStep) Run(update uint64, sum []int64, add func(rows [][]uint32, draw device.Draw, sum []int64) error) error {
	s.batch = s.sampler.sample(s.batch[:0])
	clear(sum)
	for rest := s.batch; ; {
		n := min(len(rest), s.config.PhysicalBatch)
		if err := add(s.rows(rest[:n]), s.draw, sum); err != nil {
			return err
		}
		s.draw.Step++
		if rest = rest[n:]; len(rest) == 0 {
			break
		}
	}
	s.noise(update, sum)
	return nil
}

// noise adds the noise of update to the sum, as device.Gradients.PrivateAdam and
// device.SecondOrder.PrivateMean do.
func (s *HostStep) noise(update uint64, sum []int64) {
	if s.config.NoiseMultiplier == 0 {
		return
	}
	sigma := math.Ldexp(s.config.NoiseMultiplier, device.SumBits)
	for i := 0; i < len(sum); i += 8 {
		draws := device.RoundedNoise(&s.key, 0, update, uint32(i/8), sigma)
		for k := range min(8, len(sum)-i) {
			sum[i+k] += int64(draws[k])
		}
	}
}

// rows are the codes of the batch's records, by column.
func (s *HostStep) rows(batch []uint32) [][]uint32 {
	rows := make([][]uint32, len(batch))
	for i, index := range batch {
		rows[i] = make([]uint32, len(s.columns))
		for j, column := range s.columns {
			rows[i][j] = column.At(int(index))
		}
	}
	return rows
}
