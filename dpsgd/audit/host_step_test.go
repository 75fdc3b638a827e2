package audit

import (
	"context"
	"math"
	"testing"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
)

// hostMechanism audits dpsgd.HostStep, whose caller clips: batches, noise and
// chunks are the step's, the clip is this test's.
type hostMechanism struct{ planted }

type hostStepper struct {
	step   *dpsgd.HostStep
	table  Table
	noised []int64
	update uint64
}

func (hostMechanism) Open(t Table) (Stepper, error) {
	entropy := dpsgd.SecureEntropy()
	if t.Seed != nil {
		entropy = dpsgd.InsecureEntropy(*t.Seed)
	}
	gate := dpsgd.NewGate([]uint32{uint32(len(t.Gradients))}, nil, entropy)
	if err := gate.Append([][]uint32{t.Records}); err != nil {
		return nil, err
	}
	step, err := dpsgd.NewHostStep(gate, t.Step, nil, true)
	return &hostStepper{step: step, table: t, noised: make([]int64, len(t.Gradients[0]))}, err
}

func (s *hostStepper) Dimension() int { return len(s.table.Gradients[0]) }
func (s *hostStepper) Close() error   { return nil }

func (s *hostStepper) Entries(sum []float64) []float64 { return sum }

func (s *hostStepper) Step(sum []float64) error {
	s.update++
	bound := s.table.Step.MaxGradNorm
	err := s.step.Run(s.update, s.noised, func(rows [][]uint32, _ device.Draw, sum []int64) error {
		for _, row := range rows {
			for j, g := range clipped(s.table.Gradients[row[0]], bound) {
				sum[j] += int64(math.Trunc(math.Ldexp(g/bound, device.SumBits)))
			}
		}
		return nil
	})
	for j, x := range s.noised {
		sum[j] = math.Ldexp(bound*float64(x), -device.SumBits)
	}
	if s.table.Fake != nil {
		addMultiple(sum, clipped(s.table.Fake, bound), s.table.Step.BatchSize)
	}
	return err
}

// The step that the reference trains with passes as the devices' does.
func TestHostStepPasses(t *testing.T) {
	config := selfTestConfig()
	report, err := Run(context.Background(), hostMechanism{}, config)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range report.Checks {
		if !c.Passed {
			t.Errorf("%s: %s", c.Name, c.Detail)
		}
	}
}
