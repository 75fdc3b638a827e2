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

// trainingBar shows, anew for each stage, its steps and the time to go, ε spent of ε
// allowed, and rows/s.
type trainingBar struct {
	bar   *progressbar.ProgressBar
	stage string
	steps int
}

func (b *trainingBar) observe(p gan.Progress) {
	if p.Stage != b.stage {
		b.stage, b.steps = p.Stage, 0
		b.bar.Reset()
	}
	if p.Steps > 0 && p.Steps != b.steps {
		b.steps = p.Steps
		b.bar.ChangeMax(p.Steps)
	}
	b.bar.Describe(describe(p))
	_ = b.bar.Set(p.Step)
}

// describe is what stands before the bar, such as "discriminator, ε 1.203 of 3, 1.2M rows/s".
func describe(p gan.Progress) string {
	text := p.Stage
	if p.Epsilon > 0 {
		text += fmt.Sprintf(", ε %.3f of %g", p.Epsilon, p.TargetEpsilon)
	}
	if p.RowsPerSecond > 0 {
		text += fmt.Sprintf(", %s rows/s", short(p.RowsPerSecond))
	}
	return text
}
