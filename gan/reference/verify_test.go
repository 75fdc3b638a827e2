package reference

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
)

// single is the trial of devices that round nothing.
var single = trialOf(device.SinglePrecision)

func verify(t *testing.T, dev device.Device, steps int) Report {
	t.Helper()
	report, err := Verify(context.Background(), dev, steps, nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func open(t *testing.T) *cpu.Device {
	t.Helper()
	dev := cpu.New(1)
	t.Cleanup(func() { dev.Close() })
	return dev
}

// openRounded takes the CPU with products in BF16.
func openRounded(t *testing.T) *cpu.Device {
	t.Helper()
	dev, err := cpu.Open(1, device.BrainFloat16)
	if err != nil {
		t.Skip("no AMX:", err)
	}
	t.Cleanup(func() { dev.Close() })
	return dev
}

func TestVerifyRounded(t *testing.T) {
	for _, steps := range []int{1, 12} {
		report := verify(t, openRounded(t), steps)
		if !report.OK || report.Precision != "bfloat16" || report.Margin < 1e-3 {
			t.Errorf("after %d steps: %+v", steps, report)
		}
		for _, p := range report.Parameters {
			if p.Difference > p.Tolerance/2 {
				t.Errorf("%s: difference %.3g nears the tolerance of %g", p.Name, p.Difference, p.Tolerance)
			}
		}
	}
}

func TestVerifyCPU(t *testing.T) {
	report := verify(t, open(t), 20)
	for _, p := range report.Parameters {
		if !p.OK {
			t.Errorf("%s %v: difference %.3g, above %g", p.Name, p.Shape, p.Difference, p.Tolerance)
		}
		if p.Difference > p.Tolerance/5 && !drifts(p.Name) {
			t.Errorf("%s %v: difference %.3g nears the tolerance", p.Name, p.Shape, p.Difference)
		}
	}
	if !report.OK {
		t.Error("not ok")
	}
	for _, name := range []string{"generator.codes", "best/generator.heads.bias", "held/discriminator.pairs", "second/discriminator.layer3.bias"} {
		if !slices.ContainsFunc(report.Parameters, func(p Parameter) bool { return p.Name == name }) {
			t.Errorf("%s was not compared", name)
		}
	}
	// A hundred times what the logits differ by.
	if report.Margin < 1e-4 {
		t.Errorf("margin %g: choose another seed of the trial", report.Margin)
	}
	if _, err := json.Marshal(report); err != nil {
		t.Error(err)
	}
}

func TestVerifyObserves(t *testing.T) {
	var seen []int
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Verify(ctx, open(t), 9, func(step, steps int) {
		if seen = append(seen, step); step == 2 {
			cancel()
		}
		if steps != 9 {
			t.Errorf("steps=%d", steps)
		}
	})
	if len(seen) != 2 || !errors.Is(err, context.Canceled) {
		t.Errorf("saw steps %v and %v", seen, err)
	}
	if _, err := Verify(context.Background(), open(t), 0, nil); err == nil {
		t.Error("no steps are no verification")
	}
}
