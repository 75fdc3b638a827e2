package reference

import (
	"errors"
	"testing"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan"
)

// The engines agree on all kinds of runs, beyond the one of Verify.
func TestEnginesAgree(t *testing.T) {
	full := simulatedLayout()
	for name, c := range map[string]struct {
		layout *device.Layout
		change func(b *gan.Blueprint)
	}{
		"mostly empty batches": {full, func(b *gan.Blueprint) { b.Step.SampleRate, b.Step.BatchSize = 0.002, 0.002*simulatedRows }},
		"every row":            {full, func(b *gan.Blueprint) { b.Step.SampleRate, b.Step.BatchSize = 1, simulatedRows }},
		"rows one by one":      {full, func(b *gan.Blueprint) { b.Step.PhysicalBatch = 1 }},
		"no dropout":           {full, func(b *gan.Blueprint) { b.Model.Discriminator.Dropout = 0 }},
		"no average":           {full, func(b *gan.Blueprint) { b.Training.EMADecay = 0 }},
		"sharp softmax":        {full, func(b *gan.Blueprint) { b.Model.Generator.Temperature = 0.2 }},
		"few fakes":            {full, func(b *gan.Blueprint) { b.Training.GeneratorBatchSize = 7 }},
		"unconditioned":        {layouts["unconditioned"], func(*gan.Blueprint) {}},
	} {
		t.Run(name, func(t *testing.T) {
			b := blueprintOf(t, single, c.layout, 6)
			c.change(&b)
			dev := open(t)
			var engines []gan.Engine
			for _, maker := range []gan.EngineMaker{gan.NewDeviceEngine, NewEngine} {
				gate, err := single.gate(c.layout)
				if err != nil {
					t.Fatal(err)
				}
				e, err := maker(dev, gate, b)
				if err != nil {
					t.Fatal(err)
				}
				defer e.Close()
				advance(t, e, 0, 6)
				engines = append(engines, e)
			}
			report := Report{Tolerance: Tolerance, OK: true}
			if err := errors.Join(report.compare(engines[0], engines[1], single), dev.Sync()); err != nil {
				t.Fatal(err)
			}
			for _, p := range report.Parameters {
				if !p.OK {
					t.Errorf("%s %v: difference %.3g, above %g", p.Name, p.Shape, p.Difference, p.Tolerance)
				}
			}
		})
	}
}
