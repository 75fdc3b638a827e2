package gan

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
)

// cramped has no buffer of more than most bytes.
type cramped struct {
	device.Device
	most int64
}

func (c cramped) Alloc(kind device.Kind, n int) (device.Buffer, error) {
	if bytes := kind.Bytes(n); bytes > c.most {
		return nil, &device.MemoryError{Requested: bytes, Free: c.most}
	}
	return c.Device.Alloc(kind, n)
}

// trainOn trains on dev; resume goes on with what an earlier run has paid for.
func trainOn(t *testing.T, dev device.Device, s Settings, columns [][]uint32) error {
	t.Helper()
	trainer, err := NewTrainer(dev, s)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := trainer.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := trainer.Sink().Append(columns); err != nil {
		t.Fatal(err)
	}
	_, err = trainer.Run(context.Background())
	return err
}

// A batch that does not fit is refused with the largest that does: with that the run
// goes on, and with one row more it is refused again. In either mode.
func TestLargestBatchThatFits(t *testing.T) {
	const width = 800 // of the buffers that are short of memory; all others are smaller
	for _, c := range []struct {
		marginals float64
		batch     int
	}{{0, 150}, {0.7, 100}} {
		t.Run(fmt.Sprint(c.marginals), func(t *testing.T) {
			codec, columns := smallTable(t)
			s := smallSettings(t, codec, 5)
			s.Training.BatchSize, s.Training.Steps = c.batch, 2
			s.Model.Discriminator.Hidden = []int{width}
			s.Privacy.Budget.Marginals = &c.marginals
			host := cpu.New(1)
			defer host.Close()
			most := c.batch + 10 // a Poisson batch may be larger
			dev := cramped{host, int64(4 * width * most)}
			advice := fmt.Sprintf("are free; the largest that fits is %d: set runtime.max_physical_batch_size=%d and resume the run", most, most)
			for _, rows := range []int{0, most + 1} {
				s.MaxPhysicalBatchSize = rows
				err := trainOn(t, dev, s, columns)
				if short := (*device.MemoryError)(nil); !errors.As(err, &short) || !strings.Contains(err.Error(), advice) {
					t.Fatalf("max_physical_batch_size=%d: %v, want %q in it", rows, err, advice)
				}
				s.Resume = true
			}
			s.MaxPhysicalBatchSize = most
			if err := trainOn(t, dev, s, columns); err != nil {
				t.Errorf("max_physical_batch_size=%d: %v", most, err)
			}
		})
	}
}
