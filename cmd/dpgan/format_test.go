package main

import (
	"bytes"
	"math"
	"testing"
	"time"

	"github.com/dpgan/dpgan/gan"
)

func TestShort(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 999: "999", 1200: "1.2k", 123456: "123k", 1.25e6: "1.25M", 3e9: "3G"} {
		if got := short(x); got != want {
			t.Errorf("short(%g) = %q, want %q", x, got, want)
		}
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", -1000: "-1,000", -100: "-100", 12345678: "12,345,678", math.MinInt16: "-32,768"} {
		if got := grouped(n); got != want {
			t.Errorf("grouped(%d) = %q, want %q", n, got, want)
		}
	}
	if got := plural(1, "row"); got != "1 row" {
		t.Errorf("plural(1) = %q", got)
	}
}

func TestRounded(t *testing.T) {
	for d, want := range map[time.Duration]time.Duration{
		0: 0, 999: 999, 1234567 * time.Microsecond: 1230 * time.Millisecond, 1234 * time.Second: 1230 * time.Second,
	} {
		if got := rounded(d); got != want {
			t.Errorf("rounded(%v) = %v, want %v", d, got, want)
		}
	}
}

func TestDescribe(t *testing.T) {
	p := gan.Progress{Stage: "discriminator", Step: 3, Steps: 10, Epsilon: 1.2, TargetEpsilon: 3, RowsPerSecond: 123456}
	if got, want := describe(p), "ε 1.200 of 3, 123k rows/s"; got != want {
		t.Errorf("describe = %q, want %q", got, want)
	}
	if got := describe(gan.Progress{Stage: "marginals"}); got != "marginals" {
		t.Errorf("describe = %q, want the stage before the first step", got)
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
