package audit

import (
	"context"
	"fmt"
	"math"
)

// normTolerance is what float64 and float32 may add to a norm; the clip margin of the
// step itself is far larger.
const normTolerance = 1e-6

// exactDimension is the number of coordinates of the exact checks; the last one
// is left to the fakes.
const exactDimension = 7

// hostile are gradients that a record may have, in units of the clipping norm,
// up to ones that a device can only hold as infinite or not a number.
func hostile(clip float64) (names []string, gradients [][]float64) {
	kind := func(name string, coordinates ...float64) {
		g := make([]float64, exactDimension)
		for i, x := range coordinates {
			g[i] = x * clip
		}
		names, gradients = append(names, name), append(gradients, g)
	}
	kind("zero")
	kind("tiny", 1e-28, -1e-28)
	kind("short", 0.5, 0, -0.3)
	kind("at the norm", 0, 0, 0, 0, 1)
	kind("in both layers", 0.9, 0, 0, 0.9)
	kind("long", 3, -4, 5, 1, 2, -1)
	kind("opposite", -3, 4, -5, -1, -2, 1)
	kind("1e15", 1e15, 1e15, 1e15, 1e15, 1e15, 1e15)
	kind("1e28", 1e28, 0, 0, 0, -1e28)
	kind("infinite", 0, 1e45/clip)
	kind("not a number", 0, 0, 1e60/clip)
	return names, gradients
}

// ordinary is the number of hostile gradients that are finite and not huge.
const ordinary = 7

// crowd is a table in which each of the first kinds gradients recurs.
func crowd(kinds, times int) []uint32 {
	var records []uint32
	for range times {
		for k := range kinds {
			records = append(records, uint32(k))
		}
	}
	return records
}

func distance(a, b []float64) float64 {
	difference := append([]float64(nil), a...)
	addMultiple(difference, b, -1)
	return norm(difference)
}

// sensitivity adds each hostile record to a table, and compares the noised sums
// under the same noise: the distance may not exceed the clipping norm, at rate 1
// and at the claimed one, nor be next to nothing where the record is not, for
// then the audit sees nothing at all.
func sensitivity(ctx context.Context, a *auditor) (Result, error) {
	names, gradients := hostile(a.MaxGradNorm)
	base := crowd(ordinary, 3)
	worst := extreme{}
	visible := 0.0
	for k, name := range names {
		for _, rate := range []float64{1, 1, a.SampleRate, a.SampleRate, a.SampleRate, a.SampleRate} {
			d, err := a.influence(ctx, rate, gradients, base, append(append([]uint32(nil), base...), uint32(k)))
			if err != nil {
				return Result{}, err
			}
			worst.raise(d, name)
			if name == "long" {
				visible = math.Max(visible, d)
			}
		}
	}
	if !(visible > 0.9) {
		return failed("a record beyond the norm moved the sum by %.3g of max_grad_norm: the audit is blind", visible), nil
	}
	return worst.result("%d kinds of records added", len(names)), nil
}

// everyRecord takes each record out of a table of all kinds.
func everyRecord(ctx context.Context, a *auditor) (Result, error) {
	names, gradients := hostile(a.MaxGradNorm)
	all := crowd(len(names), 2)
	worst := extreme{}
	for i := range all {
		without := append(append([]uint32(nil), all[:i]...), all[i+1:]...)
		d, err := a.influence(ctx, 1, gradients, all, without)
		if err != nil {
			return Result{}, err
		}
		worst.raise(d, names[all[i]])
	}
	return worst.result("each of %d records taken out", len(all)), nil
}

// influence is the distance of the noised sums over two tables, as a multiple of
// the clipping norm. The batch is larger than what the device holds at once.
func (a *auditor) influence(ctx context.Context, rate float64, gradients [][]float64, one, other []uint32) (float64, error) {
	seed := a.sharedSeed()
	var sums [2][]float64
	for i, records := range [][]uint32{one, other} {
		t := a.table(rate, 1, gradients, records, seed)
		t.Step.BatchSize, t.Step.PhysicalBatch = float64(len(one)), 4
		t.Fake = axis(exactDimension-1, exactDimension, 3*a.MaxGradNorm)
		sum, err := a.oneStep(ctx, t)
		if err != nil {
			return 0, err
		}
		sums[i] = sum
	}
	return distance(sums[0], sums[1]) / a.MaxGradNorm, nil
}

// extreme is the largest distance seen, and of which record. A distance that is
// not a number is the largest of all.
type extreme struct {
	distance float64
	name     string
}

func (e *extreme) raise(d float64, name string) {
	if math.IsNaN(d) {
		d = math.Inf(1)
	}
	if d > e.distance {
		e.distance, e.name = d, name
	}
}

func (e *extreme) result(what string, args ...any) Result {
	text := fmt.Sprintf(what, args...) + fmt.Sprintf(": moved the noised sum by %.6g of max_grad_norm at most (%s)", e.distance, e.name)
	return Result{Passed: e.distance <= 1+normTolerance, Detail: text}
}
