package cpu

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/dpgan/dpgan/device"
)

var errClosed = errors.New("cpu: device is closed: open a new one with cpu.New")

// Device is a device.Device on the CPU. Use it from one goroutine at a time.
type Device struct {
	pool  *pool
	plans map[*device.Layout]*plan
	err   error  // the first error; operations do nothing once it is set
	place string // the program that runs, for errors

	// Scratch of the operation that is running, as large as was ever needed.
	transposed []float32 // weights, for LinearBackwardData
	scaled     []float32 // scale ⊙ dy, for LinearBackwardWeights
	live       []rowRun  // runs of rows whose scale is not zero
	layers     []layer   // for ClipFactors
}

var _ device.Device = (*Device)(nil)

// New starts a device on a number of threads; 0 stands for GOMAXPROCS.
func New(threads int) *Device {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	return &Device{pool: newPool(threads), plans: map[*device.Layout]*plan{}}
}

// Name is "cpu".
func (d *Device) Name() string { return "cpu" }

// Sync returns the first error of the operations so far.
func (d *Device) Sync() error { return d.err }

// Close stops the threads. Closing twice is harmless.
func (d *Device) Close() error {
	d.pool.close()
	if d.err == nil {
		d.err = errClosed
	}
	d.plans, d.transposed, d.scaled, d.live, d.layers = nil, nil, nil, nil, nil
	return nil
}

// fail keeps the first error.
func (d *Device) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("cpu: "+d.place+format, args...)
	}
}

// grow returns n elements of *scratch, whatever they hold.
func grow[T any](scratch *[]T, n int) []T {
	if cap(*scratch) < n {
		*scratch = make([]T, n)
	}
	return (*scratch)[:n]
}
