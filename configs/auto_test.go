package configs

import (
	"fmt"
	"strings"
	"testing"
)

// Steps and batch may be auto in every source, are by default, and stay so in the
// resolved config. A number above them wins over auto, and auto over a number.
func TestStepsAndBatchMayBeAuto(t *testing.T) {
	for _, tt := range []struct {
		text         string
		set          []string
		steps, batch int
	}{
		{text: ""},
		{text: "training: {steps: auto, batch_size: auto}\n"},
		{text: "training: {steps: 7}\n", steps: 7},
		{text: "training: {steps: 7, batch_size: 8}\n", set: []string{"training.steps=auto"}, batch: 8},
		{text: "training: {steps: auto}\n", set: []string{"training.steps=9", "training.batch_size=1e3"}, steps: 9, batch: 1000},
	} {
		config, _ := mustLoad(t, smallConfig+tt.text, tt.set...)
		if got := config.Training; got.Steps != tt.steps || got.BatchSize != tt.batch {
			t.Errorf("%q, %q: %d steps of %d, want %d of %d", tt.text, tt.set, got.Steps, got.BatchSize, tt.steps, tt.batch)
		}
		resolved, err := config.YAML()
		if err != nil {
			t.Fatal(err)
		}
		word := func(key string, n int) string {
			if n == 0 {
				return fmt.Sprintf("\n  %s: auto\n", key)
			}
			return fmt.Sprintf("\n  %s: %d\n", key, n)
		}
		for _, want := range []string{word("steps", tt.steps), word("batch_size", tt.batch)} {
			if !strings.Contains(string(resolved), want) {
				t.Errorf("%q: the resolved config has no %q:\n%s", tt.text, want, resolved)
			}
		}
	}
}
