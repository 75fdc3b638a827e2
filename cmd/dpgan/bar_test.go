package main

import (
	"bytes"
	"testing"

	"github.com/dpgan/dpgan/gan"
)

// The bar begins anew where the stage changes, at the same step or an earlier one, and
// says of each stage what is known of it.
func TestTrainingBarFollowsTheStages(t *testing.T) {
	s := testStreams(&bytes.Buffer{}, &bytes.Buffer{})
	s.terminal = true
	b := &trainingBar{bar: newBar(s, 300, true)}
	for _, tt := range []struct {
		p       gan.Progress
		most    int
		says    string
		percent float64
	}{
		{gan.Progress{Stage: "marginals", Steps: 300, TargetEpsilon: 3}, 300, "marginals", 0},
		{gan.Progress{Stage: "discriminator", Step: 50, Steps: 300, Epsilon: 1.2034, TargetEpsilon: 3, RowsPerSecond: 1.2e6}, 300, "discriminator, ε 1.203 of 3, 1.2M rows/s", 50. / 300},
		{gan.Progress{Stage: "discriminator", Step: 200, Steps: 300, Epsilon: 2, TargetEpsilon: 3, RowsPerSecond: 1.2e6}, 300, "discriminator, ε 2.000 of 3, 1.2M rows/s", 200. / 300},
		{gan.Progress{Stage: "generator", Step: 0, Steps: 1500, Epsilon: 2, TargetEpsilon: 3}, 1500, "generator, ε 2.000 of 3", 0},
		{gan.Progress{Stage: "generator", Step: 600, Steps: 1500, Epsilon: 2, TargetEpsilon: 3}, 1500, "generator, ε 2.000 of 3", 0.4},
		{gan.Progress{Stage: "discriminator", Step: 201, Steps: 300, Epsilon: 2, TargetEpsilon: 3, RowsPerSecond: 900}, 300, "discriminator, ε 2.000 of 3, 900 rows/s", 201. / 300},
		{gan.Progress{Stage: "done", Step: 300, Steps: 300, Epsilon: 3, TargetEpsilon: 3}, 300, "done, ε 3.000 of 3", 1},
	} {
		b.observe(tt.p)
		state := b.bar.State()
		if b.bar.GetMax() != tt.most || state.Description != tt.says || state.CurrentPercent != tt.percent {
			t.Errorf("%s, step %d: %d, %q at %g; want %d, %q at %g", tt.p.Stage, tt.p.Step, b.bar.GetMax(), state.Description, state.CurrentPercent, tt.most, tt.says, tt.percent)
		}
	}
}

// A run that settles its own length tells it once it is known; until then the bar waits.
func TestBarWaitsForTheSteps(t *testing.T) {
	var out bytes.Buffer
	bar := &trainingBar{bar: newBar(testStreams(&out, &out), 1, true)}
	for _, p := range []struct{ steps, want int }{{0, 1}, {2000, 2000}, {0, 2000}} {
		bar.observe(gan.Progress{Stage: "marginals", Steps: p.steps})
		if got := bar.bar.GetMax(); got != p.want {
			t.Errorf("%d steps told: the bar has %d, want %d", p.steps, got, p.want)
		}
	}
}
