package main

import (
	"fmt"
	"time"

	"github.com/dpgan/dpgan/gan"
	"github.com/schollz/progressbar/v3"
)

// newBar is a live bar on s.err, or one that shows nothing where there is no
// terminal to show it.
func newBar(s *streams, total int64, visible bool, options ...progressbar.Option) *progressbar.ProgressBar {
	return progressbar.NewOptions64(total, append([]progressbar.Option{
		progressbar.OptionSetWriter(s.err),
		progressbar.OptionSetVisibility(visible && s.terminal),
		progressbar.OptionThrottle(100 * time.Millisecond),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetElapsedTime(true),
		progressbar.OptionShowCount(),
		progressbar.OptionFullWidth(),
		progressbar.OptionClearOnFinish(),
	}, options...)...)
}

// endBar takes the bar off the terminal, so that what follows starts a line.
func endBar(s *streams, bar *progressbar.ProgressBar) {
	if s.terminal {
		_ = bar.Clear()
	}
	_ = bar.Exit()
}

// trainingBar shows step, ε spent of ε allowed, rows/s and the time to go.
type trainingBar struct {
	bar   *progressbar.ProgressBar
	steps int
}

func (b *trainingBar) observe(p gan.Progress) {
	if p.Steps > 0 && p.Steps != b.steps {
		b.steps = p.Steps
		b.bar.ChangeMax(p.Steps)
	}
	b.bar.Describe(describe(p))
	_ = b.bar.Set(p.Step)
}

// describe is what stands before the bar, such as "ε 1.203 of 3, 1.2M rows/s".
func describe(p gan.Progress) string {
	if p.Step == 0 {
		return p.Stage
	}
	return fmt.Sprintf("ε %.3f of %g, %s rows/s", p.Epsilon, p.TargetEpsilon, short(p.RowsPerSecond))
}
