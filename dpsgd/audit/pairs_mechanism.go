package audit

import (
	"errors"
	"fmt"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
)

// PairsMechanism is the step of a second-order discriminator: dpsgd.Step on a device over
// a gate of audit records, with one table of weights, a weight for each code. A record's
// gradient has length MaxGradNorm along the axis of its code, whatever its length in the
// Table: only directions count here.
type PairsMechanism struct{ DeviceMechanism }

// Open places the records and records the step.
func (m PairsMechanism) Open(t Table) (Stepper, error) {
	codes := len(t.Gradients)
	if codes != len(t.Gradients[0]) {
		return nil, errors.New("audit: the gradients of pairs lie along axes, one for each code")
	}
	s, err := openPairs(m.Device, t, []uint32{uint32(codes), 1}, [][]uint32{t.Records, make([]uint32, len(t.Records))},
		[]device.PairTable{{A: 0, B: 1, Target: -1, CountB: 1, CountTarget: 1}}, []int{codes})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// pairsStepper reads the noised sum through a mean that begins anew in each step.
type pairsStepper struct {
	deviceStepper
	mean device.Mean
}

// openPairs makes steps over columns of codes below sizes, which look at tables of so many
// weights; all tables get the same gradient.
func openPairs(dev device.Device, t Table, sizes []uint32, columns [][]uint32, tables []device.PairTable,
	weights []int) (*pairsStepper, error) {
	entropy := dpsgd.SecureEntropy()
	if t.Seed != nil {
		entropy = dpsgd.InsecureEntropy(*t.Seed)
	}
	gate := dpsgd.NewGate(sizes, nil, entropy)
	if err := gate.Append(columns); err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	pairs := &device.PairTables{Tables: tables}
	for k, g := range dpsgd.PairGradients(ones(len(tables))) {
		tables[k].Offset, tables[k].Gradient = pairs.Weights, g
		pairs.Weights += weights[k]
	}
	a, n := &allocator{dev: dev}, pairs.Weights
	s := &pairsStepper{deviceStepper: deviceStepper{dev: dev, batch: t.Step.BatchSize, dimension: n, read: make([]float32, n)},
		mean: device.Mean{Values: a.vector(n), Scale: a.vector(n), Count: a.vector(n)}}
	s.parameters = s.mean.Values
	update := a.buffer(device.Uint64, 1)
	if a.err != nil {
		return nil, fmt.Errorf("audit: %w", a.err)
	}
	dev.Fill(s.mean.Scale, 1)
	var err error
	s.step, err = dpsgd.NewStep(dev, gate, t.Step,
		dpsgd.Model{Update: update, Pairs: &dpsgd.Pairs{Tables: pairs, Means: []device.Mean{s.mean}}})
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	return s, nil
}

func ones(n int) []float64 {
	all := make([]float64, n)
	for k := range all {
		all[k] = 1
	}
	return all
}

func (s *pairsStepper) Dimension() int { return s.dimension }

// Step forgets the mean, so that what is read is this step's observation alone.
func (s *pairsStepper) Step(sum []float64) error {
	s.dev.Fill(s.mean.Count, 0)
	s.step.Run(0)
	if err := s.dev.Download(s.read, s.parameters.Buffer, s.parameters.Offset); err != nil {
		return fmt.Errorf("audit: read the noised sum: %w", err)
	}
	for k, v := range s.read {
		sum[k] = s.batch * float64(v)
	}
	return nil
}

// Entries are the sum's own.
func (s *pairsStepper) Entries(sum []float64) []float64 { return sum }
