package bench

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"
)

// contender is one of the things timed in turns.
type contender struct {
	mode string
	run  func()       // may only enqueue
	sync func() error // waits until all runs are done
	// amend, if set, completes the contender's row.
	amend func(*Row)
}

// timing holds seconds a run, one value a round.
type timing []float64

// quantile interpolates between order statistics (Hyndman, Fan 1996, type 7).
func quantile(values []float64, p float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	at := p * float64(len(sorted)-1)
	i := int(at)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

func (t timing) median() float64 { return quantile(t, 0.5) }

// over is the median of the rounds' ratios t/u.
func (t timing) over(u timing) float64 {
	ratios := make([]float64, len(t))
	for i := range t {
		ratios[i] = t[i] / u[i]
	}
	return quantile(ratios, 0.5)
}

// skip says why a case was not timed. It is no failure.
type skip struct{ reason string }

func (s *skip) Error() string { return "bench: skipped: " + s.reason }

func skipped(format string, args ...any) error { return &skip{fmt.Sprintf(format, args...)} }

// pacing is how long to time.
type pacing struct {
	runs   int           // rounds
	least  time.Duration // of one contender in one round: short runs are repeated
	budget time.Duration // of the case
}

// interleave warms every contender up, then times them in turns, each round
// beginning with another one. Rounds that the budget does not allow are left
// out, down to minRuns; a case that needs more is a *skip.
func (p pacing) interleave(ctx context.Context, contenders []contender) ([]timing, error) {
	repeats := make([]int, len(contenders))
	round, spent := 0.0, 0.0
	for i, c := range contenders {
		first, err := c.time(ctx, 1)
		if err != nil {
			return nil, err
		}
		if spent += first; spent*minRuns > p.budget.Seconds()*2 { // a first run may be twice as slow
			return nil, p.tooLong(minRuns * spent)
		}
		second, err := c.time(ctx, 1)
		if err != nil {
			return nil, err
		}
		repeats[i] = max(1, int(math.Ceil(p.least.Seconds()/max(second, 1e-9))))
		round += second * float64(repeats[i])
		spent += second
	}
	runs := min(p.runs, int((p.budget.Seconds()-spent)/round))
	if runs < minRuns {
		return nil, p.tooLong(minRuns * round)
	}
	timings := make([]timing, len(contenders))
	for r := range runs {
		for k := range contenders {
			i := (r + k) % len(contenders)
			seconds, err := contenders[i].time(ctx, repeats[i])
			if err != nil {
				return nil, err
			}
			timings[i] = append(timings[i], seconds)
		}
	}
	return timings, nil
}

func (p pacing) tooLong(seconds float64) error {
	return skipped("%d rounds would take about %.3g s; --budget-seconds is %g", minRuns, seconds, p.budget.Seconds())
}

// time is the seconds of one of so many repeated runs.
func (c *contender) time(ctx context.Context, repeats int) (float64, error) {
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("bench: interrupted: %w", err)
	}
	if err := c.sync(); err != nil {
		return 0, err
	}
	start := time.Now()
	for range repeats {
		c.run()
	}
	err := c.sync()
	return time.Since(start).Seconds() / float64(repeats), err
}
