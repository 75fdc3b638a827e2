package audit

import (
	"context"
	"fmt"
	"math"

	"github.com/dpgan/dpgan/device"
)

// crowdChunk is how many records of a crowd are on the device at once.
const crowdChunk = 1024

// crowds adds a record to tables of tens of thousands, where the sum is so large that
// how the others' gradients are rounded may depend on the record: a running float32
// sum moves by more than the clipping norm. The tables are benign (gradients near one
// direction, as early in training) and adversarial (see edge).
func crowds(ctx context.Context, a *auditor) (Result, error) {
	worst, largest := extreme{}, 0
	measure := func(name string, c crowdTable, err error) error {
		if err != nil {
			return err
		}
		d, err := a.crowdInfluence(ctx, c)
		worst.raise(d, fmt.Sprintf("%s, %d records", name, len(c.records)))
		largest = max(largest, len(c.records))
		return err
	}
	for range 3 {
		if err := measure("near one direction", a.benign(), nil); err != nil {
			return Result{}, err
		}
	}
	for _, power := range []int{8, 12, 15} {
		for _, split := range []float64{1, math.Sqrt2 / 2} {
			c, err := a.edge(ctx, power, split)
			if err := measure(fmt.Sprintf("at the edge of 2^%d", power), c, err); err != nil {
				return Result{}, err
			}
		}
	}
	return worst.result("a record added to up to %d", largest), nil
}

// crowdTable is a table whose first record is the one more.
type crowdTable struct {
	gradients [][]float64
	records   []uint32
}

// benign are 33,000 records whose gradients are longer than the norm and differ by a
// fifth from one direction.
func (a *auditor) benign() crowdTable {
	const kinds, dimension, records = 64, 16, 33_000
	draw := device.Draw{Seed: *a.sharedSeed()}
	next := 0
	normal := func() float64 { next++; return float64(draw.Normal(next - 1)) }
	direction := make([]float64, dimension)
	for i := range direction {
		direction[i] = normal()
	}
	c := crowdTable{gradients: make([][]float64, kinds), records: make([]uint32, records)}
	for k := range c.gradients {
		g := make([]float64, dimension)
		for i := range g {
			g[i] = 3 * a.MaxGradNorm * direction[i] * (1 + 0.2*normal())
		}
		c.gradients[k] = g
	}
	for i := range c.records {
		c.records[i] = uint32(draw.Uniform(next+i) * kinds)
	}
	return c
}

// edge is a table whose sum, without its first record, stays below a power of two, and
// with it lies above. Then come many records of 1.2 units in the last place: a float32
// sum takes each for one unit below the power and for two above it, where units are
// twice as large, so that the sums drift apart by another norm. split is what share of
// a gradient's coordinate one entry of the sum holds: all, or what is left of it where a
// weight and a bias share it.
func (a *auditor) edge(ctx context.Context, power int, split float64) (crowdTable, error) {
	top := math.Ldexp(1, power+int(math.Floor(math.Log2(a.MaxGradNorm))))
	unit := top * 0x1p-24
	const long, rest, small = 0, 1, 2
	c := crowdTable{gradients: [][]float64{{3 * a.MaxGradNorm, 0}, {0, 0}, {1.2 * unit / split, 0}}}
	entry := func(records int) (float64, error) {
		sum, err := a.oneStep(ctx, a.crowdStep(c.gradients, make([]uint32, records), float64(records)))
		if err != nil {
			return 0, err
		}
		return sum[0] * split, nil
	}
	norm, err := entry(1)
	if err != nil || !(norm > 0) {
		return crowdTable{gradients: c.gradients, records: crowd(3, 1)}, err
	}
	// As many long records as bring the sum next to the power less most of a norm, and
	// one for what is missing.
	target := top - 0.97*norm
	full, at := int(target/norm), 0.0
	for range 3 {
		if at, err = entry(full); err != nil {
			return c, err
		}
		full = max(1, full+int(math.Floor((target-at)/norm)))
	}
	if at, err = entry(full); err != nil {
		return c, err
	}
	c.gradients[rest][0] = math.Max(0, target-at) / split
	c.records = append(make([]uint32, 1+full), rest)
	for range int(0.95 * norm / unit) {
		c.records = append(c.records, small)
	}
	return c, nil
}

// crowdStep is a step over all of records, with next to no noise.
func (a *auditor) crowdStep(gradients [][]float64, records []uint32, batch float64) Table {
	t := a.table(1, 1e-6, gradients, records, a.sharedSeed())
	t.Step.BatchSize, t.Step.PhysicalBatch = batch, min(crowdChunk, len(records))
	return t
}

// crowdInfluence is how far the first record moves the sum, as a multiple of the
// clipping norm. The fakes are told to take off what the others add, the same in both
// tables, so that the optimiser, which works in float32, sees small numbers only.
func (a *auditor) crowdInfluence(ctx context.Context, c crowdTable) (float64, error) {
	n := float64(len(c.records))
	t := a.crowdStep(c.gradients, c.records[1:], n)
	sum, err := a.oneStep(ctx, t)
	if err != nil {
		return 0, err
	}
	t.Fake = multiple(sum[:len(c.gradients[0])], -1/n)
	without, err := a.oneStep(ctx, t)
	if err != nil {
		return 0, err
	}
	t.Records = c.records
	with, err := a.oneStep(ctx, t)
	if err != nil {
		return 0, err
	}
	return distance(with, without) / a.MaxGradNorm, nil
}
