package audit

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// GateMechanism is the gate that training counts rows by, with a budget of its own in a
// ledger that is thrown away.
type GateMechanism struct{}

// Release counts made-up records.
func (GateMechanism) Release(c Counts) (counted Counted, err error) {
	folder, err := os.MkdirTemp("", "dpgan-audit-")
	if err != nil {
		return counted, fmt.Errorf("audit: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	config := dpsgd.DefaultConfig()
	config.TargetEpsilon, config.Accountant = c.Epsilon, string(accounting.RDP)
	ledger := filepath.Join(folder, "ledger.jsonl")
	budget, err := openBudget(config, ledger)
	if err != nil {
		return counted, err
	}
	defer func() { err = errors.Join(err, budget.Close()) }()
	entropy := dpsgd.SecureEntropy()
	if c.Seed != nil {
		entropy = dpsgd.InsecureEntropy(*c.Seed)
	}
	gate := dpsgd.NewGate([]uint32{uint32(c.Cells)}, budget, entropy)
	if err := gate.Append([][]uint32{c.Records}); err != nil {
		return counted, fmt.Errorf("audit: %w", err)
	}
	counted.Values, err = releaseFrom(gate, c, func() {
		written, e := os.ReadFile(ledger)
		counted.Before = e == nil && bytes.Contains(written, []byte(accounting.Gaussian))
	})
	if errors.Is(err, dpsgd.ErrBudget) {
		err = nil
	}
	counted.Charged = budget.Spent()
	return counted, err
}

// releaseFrom asks the gate, and tells asked when the gate asks what is expected.
func releaseFrom(gate *dpsgd.Gate, c Counts, asked func()) ([][]float64, error) {
	edges := make([]uint32, c.Cells+1)
	for k := range edges {
		edges[k] = uint32(k)
	}
	cells, tables := []dpsgd.Cells{dpsgd.EachBin(edges)}, make([][]int, c.Times)
	for k := range tables {
		tables[k] = []int{0}
	}
	if c.Expected == nil {
		values, err := gate.Tables(cells, tables, dpsgd.Release{Noise: c.NoiseMultiplier})
		if err != nil {
			return nil, fmt.Errorf("audit: %w", err)
		}
		return values, nil
	}
	expected := func(int) []int64 { asked(); asked = func() {}; return c.Expected }
	scores, err := gate.L1Distances(cells, tables, expected, dpsgd.Release{Noise: c.NoiseMultiplier})
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	values := make([][]float64, len(scores))
	for k, score := range scores {
		values[k] = []float64{score}
	}
	return values, nil
}
