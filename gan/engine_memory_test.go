package gan

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/device/devicetest"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/nets"
)

// A batch of a net that does not fit is refused with the largest that does: with that the
// run goes on, and with one row more it is refused again. What was learned before the
// net is kept. In either mode.
func TestLargestBatchThatFits(t *testing.T) {
	const width = 800 // of the buffers that are short of memory; all others are smaller
	for mode, batch := range map[string]int{marginal.ModePure: 150, marginal.ModeGAN: 100} {
		t.Run(mode, func(t *testing.T) {
			s, columns := quickSettings(t, mode, 5)
			s.Training.BatchSize, s.Training.Steps = batch, 6
			s.Model.Discriminator.Kind, s.Model.Discriminator.Hidden = nets.KindMLP, []int{width}
			host := cpu.New(1)
			defer host.Close()
			most := batch + 10 // a Poisson batch may be larger
			dev := devicetest.Cramped{Device: host, Most: int64(4 * width * most)}
			advice := fmt.Sprintf("are free; the largest that fits is %d: set runtime.max_physical_batch_size=%d and resume the run", most, most)
			for _, rows := range []int{0, most + 1} {
				s.MaxPhysicalBatchSize = rows
				_, err := trainOn(t, context.Background(), dev, s, columns)
				if short := (*device.MemoryError)(nil); !errors.As(err, &short) || !strings.Contains(err.Error(), advice) {
					t.Fatalf("max_physical_batch_size=%d: %v, want %q in it", rows, err, advice)
				}
				if c := checkpointOf(t, s); c.PairsSteps != 4 || !c.Fitting.Done || stepsOnDisk(t, &s) != 4 {
					t.Errorf("max_physical_batch_size=%d: %d steps are kept, %+v, and %d paid", rows, c.PairsSteps, c.Fitting, stepsOnDisk(t, &s))
				}
				s.Resume = true
			}
			s.MaxPhysicalBatchSize = most
			if result, err := trainOn(t, context.Background(), dev, s, columns); err != nil || result.Steps != 6 {
				t.Errorf("max_physical_batch_size=%d: %+v, %v", most, result, err)
			}
		})
	}
}

// A generator that does not fit is refused with what would make it smaller, and what was
// paid for is kept.
func TestGeneratorThatDoesNotFit(t *testing.T) {
	s, columns := quickSettings(t, marginal.ModeGAN, 5)
	host := cpu.New(1)
	defer host.Close()
	_, err := trainOn(t, context.Background(), devicetest.Cramped{Device: host, Most: 4 * 64 * 10}, s, columns) // atoms of 64·8 and 64·D numbers
	if short := (*device.MemoryError)(nil); !errors.As(err, &short) || !strings.Contains(err.Error(), "lower model.generator.atoms") {
		t.Fatal(err)
	}
	if result := resumed(t, s, columns); result.Steps != 12 {
		t.Errorf("resumed with more memory: %d steps", result.Steps)
	}
}
