package audit

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// DeviceMechanism is the mechanism that training uses: dpsgd.Step on a device,
// over a dpsgd.Gate that holds audit records.
type DeviceMechanism struct{ Device device.Device }

// fakes is the number of fakes of each step.
const fakes = 4

// unitEpsilon is Adam's ε and learning rate: with no memory (β = 0) and ε far
// above any gradient, the update -lr·g/(√g²+ε) is -g to within |g|/ε.
const unitEpsilon = 1e9

// amplifier is what each further pass multiplies deltas by.
const amplifier = 0x1p50

// Open places the records and records the step.
func (m DeviceMechanism) Open(t Table) (Stepper, error) {
	entropy := dpsgd.SecureEntropy()
	if t.Seed != nil {
		entropy = dpsgd.InsecureEntropy(*t.Seed)
	}
	// The gate's budget pays for histograms, of which the audit asks none.
	gate := dpsgd.NewGate([]uint32{uint32(len(t.Gradients))}, nil, entropy)
	if err := gate.Append([][]uint32{t.Records}); err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	s := &deviceStepper{dev: m.Device, batch: t.Step.BatchSize, dimension: len(t.Gradients[0])}
	model, err := s.buildModel(t)
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	if s.step, err = dpsgd.NewStep(m.Device, gate, t.Step, model); err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	return s, nil
}

// Grant pays for steps from a budget of its own, in a ledger that is thrown
// away, and checks that the ledger remembers them.
func (m DeviceMechanism) Grant(config dpsgd.Config, step dpsgd.StepConfig, wanted int) (granted int, ledger []byte, err error) {
	folder, err := os.MkdirTemp("", "dpgan-audit-")
	if err != nil {
		return 0, nil, fmt.Errorf("audit: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	path := filepath.Join(folder, "ledger.jsonl")
	// A run that forgot its steps would be granted them again.
	for range 2 {
		more, err := takeSteps(config, path, step, wanted)
		if err != nil {
			return 0, nil, err
		}
		granted += more
	}
	if ledger, err = os.ReadFile(path); err != nil {
		return 0, nil, fmt.Errorf("audit: %w", err)
	}
	return granted, ledger, nil
}

func openBudget(config dpsgd.Config, ledger string) (*dpsgd.Budget, error) {
	budget, err := dpsgd.OpenBudget(config, dpsgd.Start{Run: "audit", Ledger: ledger})
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	return budget, nil
}

// takeSteps takes steps until the budget refuses.
func takeSteps(config dpsgd.Config, ledger string, step dpsgd.StepConfig, wanted int) (granted int, err error) {
	const blockSize = 3 // does not divide the steps: the last block is a short one
	budget, err := openBudget(config, ledger)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, budget.Close()) }()
	blocks, err := dpsgd.NewBlocks(budget, step, blockSize, wanted)
	if errors.Is(err, accounting.ErrUnreachable) {
		return 0, nil // overspent already: a refusal too
	}
	if err != nil {
		return 0, fmt.Errorf("audit: %w", err)
	}
	for granted < wanted {
		if err := blocks.Take(); errors.Is(err, dpsgd.ErrBudget) {
			break
		} else if err != nil {
			return granted, fmt.Errorf("audit: %w", err)
		}
		granted++
	}
	return granted, blocks.Settle()
}

// deviceStepper reads the noised sum through the optimiser.
type deviceStepper struct {
	dev        device.Device
	step       *dpsgd.Step
	batch      float64
	dimension  int
	parameters device.Vector
	read       []float32
}

func (s *deviceStepper) Dimension() int { return 2 * s.dimension }

// Step reads parameters w and b of each coordinate as (w+b)/√2 and (w−b)/√2: a
// rotation, so norms and the noise stay what they are.
func (s *deviceStepper) Step(sum []float64) error {
	s.step.Run(0)
	if err := s.dev.Download(s.read, s.parameters.Buffer, s.parameters.Offset); err != nil {
		return fmt.Errorf("audit: read the noised sum: %w", err)
	}
	cut, d := layerCut(s.dimension), s.dimension
	for i := range d {
		w, b := i, cut+i
		if i >= cut {
			w, b = cut+i, d+i
		}
		x, y := -s.batch*float64(s.read[w]), -s.batch*float64(s.read[b])
		sum[i], sum[d+i] = (x+y)*math.Sqrt2/2, (x-y)*math.Sqrt2/2
	}
	return nil
}

// Entries turns the rotation of Step back.
func (s *deviceStepper) Entries(sum []float64) []float64 {
	entries, d := make([]float64, len(sum)), s.dimension
	for i := range d {
		entries[i], entries[d+i] = (sum[i]+sum[d+i])*math.Sqrt2/2, (sum[i]-sum[d+i])*math.Sqrt2/2
	}
	return entries
}

func (s *deviceStepper) Close() error {
	s.step.Release()
	return s.dev.Sync()
}
