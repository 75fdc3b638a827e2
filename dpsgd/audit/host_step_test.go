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
type hostMechanism struct{ Planted }

type hostStepper struct {
	step   *dpsgd.HostStep
	table  Table
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
	step, err := dpsgd.NewHostStep(gate, t.Step, oneHot(len(t.Gradients)))
	return &hostStepper{step: step, table: t}, err
}

func (s *hostStepper) Dimension() int { return len(s.table.Gradients[0]) }
func (s *hostStepper) Close() error   { return nil }

func (s *hostStepper) Entries(sum []float64) []float64 { return sum }

func (s *hostStepper) Step(sum []float64) error {
	s.update++
	bound := s.table.Step.MaxGradNorm
	err := s.step.Run(s.update, sum, func(rows []float32, count int, _ device.Draw, sum []int64) error {
		width := len(s.table.Gradients)
		for i := range count {
			for code, x := range rows[i*width : (i+1)*width] {
				if x == 1 {
					for j, g := range clipped(s.table.Gradients[code], bound) {
						sum[j] += int64(math.Trunc(math.Ldexp(g/bound, device.SumBits)))
					}
				}
			}
		}
		return nil
	})
	copy(sum, multiple(sum, s.table.Step.BatchSize))
	if s.table.Fake != nil {
		add(sum, clipped(s.table.Fake, bound), s.table.Step.BatchSize)
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
