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
	*kernels
	pool      *pool
	plans     map[*device.Layout]*plan
	pairPlans map[*device.PairTables]*pairPlan
	precision device.Precision
	memory    memory
	err       error  // the first error; operations do nothing once it is set
	place     string // the program that runs, for errors

	// Operations in progress and their scratch, as large as was ever needed.
	rowwise       rowwise
	linear        linear
	gradient      gradient
	clipping      clipping
	panels        panels
	update        update
	normalisation normalisation
	normGradient  normGradient
	sparse        sparse
	moments       moments
	pairing       pairing
	mean          privateMean
	packed        []float32 // the second operand of a product
	every         []int32   // 0, 1, 2 …
	ones          []float32
	zero          []float32
	sums          []float64
	losses        []float64 // of the rows of a table
	pairCodes     []uint32  // of a block of rows, column by column
}

var _ device.Device = (*Device)(nil)

// New starts a device on a number of threads; 0 stands for GOMAXPROCS. If
// SetVariable names an instruction set that this machine lacks, that is the
// device's first error: Alloc and Sync return it.
func New(threads int) *Device {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	set, err := chooseByEnvironment()
	return &Device{kernels: set, pool: newPool(threads, set.pause), plans: map[*device.Layout]*plan{},
		pairPlans: map[*device.PairTables]*pairPlan{}, err: err}
}

// Open starts a device as New does whose products of matrices round their operands
// to precision: float32, or bfloat16 on the tiles of AMX. It fails if this machine,
// or the instruction set that SetVariable names, lacks them.
func Open(threads int, precision device.Precision) (*Device, error) {
	d := New(threads)
	if d.err == nil {
		d.err = d.round(precision)
	}
	if err := d.err; err != nil {
		_ = d.Close()
		return nil, err
	}
	return d, nil
}

// Name is "cpu".
func (d *Device) Name() string { return "cpu" }

// Precision is what products of matrices round their operands to.
func (d *Device) Precision() device.Precision { return d.precision }

// Set is the instruction set in use: generic, avx2 or avx512.
func (d *Device) Set() string { return d.kernels.name }

// Sync returns the first error of the operations so far.
func (d *Device) Sync() error { return d.err }

// Close stops the threads. Closing twice is harmless.
func (d *Device) Close() error {
	d.pool.close()
	if d.err == nil {
		d.err = errClosed
	}
	*d = Device{pool: d.pool, err: d.err}
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
