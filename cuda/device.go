//go:build gpu

package cuda

import (
	"errors"
	"fmt"

	"github.com/dpgan/dpgan/device"
	"gorgonia.org/cu"
)

var errClosed = errors.New("cuda: device is closed: open a new one with cuda.Open")

// Device is a device.Device on one GPU. Use it from one goroutine at a time.
type Device struct {
	gpu       GPU
	precision device.Precision
	context   cu.CUContext // the GPU's primary one; zero until it is retained
	stream    cu.Stream
	module    cu.Module
	kernels   map[string]kernel

	memory  map[cu.DevicePtr]struct{} // all that is allocated
	staging staging
	scratch allocation     // for partial sums
	pieces  []cu.DevicePtr // all scratch, outgrown pieces too
	fault   array[uint32]  // the largest index beyond a table, plus one

	least  float64 // rows·inner·cols of products that cuBLAS may make
	cublas cublas

	layouts  map[*device.Layout]*layoutTables
	pairs    map[*device.PairTables]*pairTables
	programs []*program

	recording *program // nil: operations run
	deferred  deferred
	releases  int    // how much was released so far
	place     string // the program that runs or is recorded, for errors
	err       error  // the first error; operations do nothing once it is set
	refused   error  // for Sync: there was no memory to record a program
}

var _ device.Device = (*Device)(nil)

// Open takes the GPU number ordinal, from 0 on, of GPUs. Products of matrices are of
// precision float32 or, from compute capability 8.0 on, tf32; ErrPrecision tells
// that the GPU does not have it.
func Open(ordinal int, precision device.Precision) (*Device, error) {
	gpus, err := GPUs()
	if err != nil {
		return nil, err
	}
	if ordinal < 0 || ordinal >= len(gpus) {
		return nil, fmt.Errorf("cuda: ordinal=%d: the driver shows GPUs 0 to %d (see CUDA_VISIBLE_DEVICES)", ordinal, len(gpus)-1)
	}
	d := &Device{gpu: gpus[ordinal], precision: precision, least: leastProduct, memory: map[cu.DevicePtr]struct{}{},
		layouts: map[*device.Layout]*layoutTables{}, pairs: map[*device.PairTables]*pairTables{}}
	if err := d.gpu.check(precision); err != nil {
		return nil, fmt.Errorf("cuda: %v: %w", d.gpu, err)
	}
	if err := d.do(d.start); err != nil {
		return nil, errors.Join(fmt.Errorf("cuda: %v: %w", d.gpu, err), d.Close())
	}
	return d, nil
}

// start makes what the operations need on the GPU.
func (d *Device) start() error {
	context, err := d.gpu.handle.RetainPrimaryCtx()
	if err != nil {
		return fmt.Errorf("context: %w", err)
	}
	d.context = context
	if err = cu.SetCurrentContext(context); err != nil {
		return fmt.Errorf("context: %w", err)
	}
	// The default stream would wait for all others and all for it.
	if d.stream, err = cu.MakeStream(cu.NonBlocking); err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	if err = d.load(); err != nil {
		return err
	}
	d.fault.n = 1
	if d.fault.address, err = d.alloc(faultBytes); err != nil {
		return err
	}
	if err = cu.MemsetD8Async(d.fault.address, 0, faultBytes, d.stream); err != nil {
		return err
	}
	return d.staging.open()
}

// Name is the GPU's number and model, such as "cuda:0 NVIDIA H100".
func (d *Device) Name() string { return d.gpu.String() }

// Precision is what products of matrices round their operands to.
func (d *Device) Precision() device.Precision { return d.precision }

// Sync waits for the GPU and returns the first error of the operations so far.
func (d *Device) Sync() error {
	if d.err == nil {
		d.keep(d.do(d.settle))
	}
	if d.err == nil && d.refused != nil {
		refused := d.refused
		d.refused = nil
		return refused
	}
	return d.err
}

// settle waits for the stream and looks for what kernels could not do. The context
// must be current.
func (d *Device) settle() error {
	if d.recording != nil {
		return fmt.Errorf("waiting is not an operation: a recorded sequence must not call Sync or Download")
	}
	if d.flush(); d.err != nil {
		return nil // what failed is kept
	}
	if err := d.stream.Synchronize(); err != nil {
		return fmt.Errorf("wait: %w", err)
	}
	return d.readFault()
}

// Close frees the GPU. Closing twice is harmless.
func (d *Device) Close() error {
	if errors.Is(d.err, errClosed) {
		return nil
	}
	var err error
	if d.context != (cu.CUContext{}) {
		if err = d.do(d.freeAll); err != nil {
			err = d.reset()
		}
	}
	d.err = errors.Join(errClosed, d.err)
	d.layouts, d.pairs, d.programs, d.memory, d.deferred = nil, nil, nil, nil, nil
	if err != nil {
		return fmt.Errorf("cuda: close: %w", err)
	}
	return nil
}

func (d *Device) freeAll() error {
	var failed []error
	if d.stream != (cu.Stream{}) {
		failed = append(failed, d.stream.Synchronize())
	}
	for _, p := range d.programs {
		failed = append(failed, p.graph.Destroy())
	}
	failed = append(failed, d.cublas.close(), d.staging.close())
	for p := range d.memory {
		failed = append(failed, cu.MemFree(p))
	}
	if d.kernels != nil {
		failed = append(failed, d.module.Unload())
	}
	if d.stream != (cu.Stream{}) {
		failed = append(failed, d.stream.Destroy())
	}
	if err := errors.Join(failed...); err != nil {
		return err
	}
	return d.gpu.handle.ReleasePrimaryCtx()
}

// reset throws the GPU's context away, with all that is in it. After a fault of a
// kernel nothing else can be done with it, not even freeing; what else this process
// has opened on the GPU is lost as well.
func (d *Device) reset() error {
	return errors.Join(d.gpu.handle.ReleasePrimaryCtx(), d.gpu.handle.ResetPrimaryCtx())
}

// fail keeps the first error.
func (d *Device) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("cuda: %w", explain(fmt.Errorf(d.place+format, args...)))
	}
}

// keep is fail for an error that says all.
func (d *Device) keep(err error) {
	if err != nil {
		d.fail("%w", err)
	}
}
