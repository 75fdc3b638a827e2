package audit

import (
	"context"
	"math"

	"github.com/dpgan/dpgan/device"
)

// pairChecks are the questions about steps of a second-order discriminator. What a record's
// gradient is, is no question there: it has no values of its own.
func pairChecks() []checkOf[*auditor] {
	return []checkOf[*auditor]{
		{"pairs, sensitivity", pairsSensitivity}, {"pairs, keys", keys}, {"pairs, grid", grid}, {"pairs, noise", noise},
		{"pairs, sampling", sampling}, {"pairs, two worlds", twoWorldsSampled}, {"pairs, two worlds, unsampled", twoWorldsUnsampled},
		{"pairs, one run", oneRun},
	}
}

// RunPairs audits the step of a second-order discriminator on m's device, and the budget
// that pays for it.
func RunPairs(ctx context.Context, m PairsMechanism, config Config) (*Report, error) {
	all := append(pairChecks(), checkOf[*auditor]{"budget", budget}, checkOf[*auditor]{"metadata", metadata})
	return auditStep(ctx, m, config, all)
}

// pairsSensitivity takes one record out of random tables of several columns, whose
// discriminator looks at pairs and triples of them, with the same noise. The sum must
// move by C, as far as float32 shows, and by no more; in chunks it must be what it is
// whole.
func pairsSensitivity(_ context.Context, a *auditor) (Result, error) {
	const rows, trials = 400, 8
	sizes := []uint32{3, 5, 2, 300}
	farthest, least := 0.0, math.Inf(1)
	for trial := range trials {
		columns := make([][]uint32, len(sizes))
		for j, size := range sizes {
			draw := device.Draw{Seed: uint64(trial), Stream: uint32(j)}
			for i := range rows {
				columns[j] = append(columns[j], min(uint32(float64(draw.Uniform(i))*float64(size)), size-1))
			}
		}
		seed := a.sharedSeed()
		sum := func(from, chunk int) ([]float64, error) {
			of := make([][]uint32, len(columns))
			for j := range of {
				of[j] = columns[j][from:]
			}
			t := a.table(1, 1e-6, nil, of[0], seed) // noise far below what a record does
			t.Step.BatchSize, t.Step.PhysicalBatch = rows, chunk
			s, err := openPairs(a.mechanism.(PairsMechanism).Device, t, sizes, of, []device.PairTable{
				{A: 0, B: 1, Target: -1, CountB: 5, CountTarget: 1}, {A: 3, B: 0, Target: 2, CountB: 3, CountTarget: 2},
				{A: 1, B: 3, Target: -1, CountB: 300, CountTarget: 1}}, []int{15, 1800, 1500})
			if err != nil {
				return nil, err
			}
			out := make([]float64, s.Dimension())
			if err := s.Step(out); err != nil {
				return nil, err
			}
			return out, s.Close()
		}
		whole, err := sum(0, rows)
		if err != nil {
			return Result{}, err
		}
		without, err := sum(1, rows)
		if err != nil {
			return Result{}, err
		}
		parts, err := sum(0, 7)
		if err != nil {
			return Result{}, err
		}
		if distance(whole, parts) != 0 {
			return failed("a batch in chunks is %.3g norms from the same batch whole", distance(whole, parts)/a.MaxGradNorm), nil
		}
		moved := distance(whole, without) / a.MaxGradNorm
		farthest, least = math.Max(farthest, moved), math.Min(least, moved)
	}
	const rounding = 1e-4 // of float32 sums of 400 records
	return verdict(farthest <= 1+rounding && least >= 1-rounding, "one record moved the sum by %.6g to %.6g norms", least, farthest), nil
}
