//go:build gpu

package cuda

import (
	"errors"
	"fmt"
	"slices"

	"github.com/dpgan/dpgan/cuda/libcuda"
	"github.com/dpgan/dpgan/device"
	"gorgonia.org/cu"
)

var errClosed = errors.New("cuda: device is closed: open a new one with cuda.Open")

// What a driver and a GPU must have: graphs are instantiated with the call of CUDA
// 11.4 (driver 470), and the PTX is for compute capability 7.0 (Volta) and newer.
const (
	oldestDriver     = 11040
	oldestCapability = 70
)

// Device is a device.Device on one GPU. Use it from one goroutine at a time.
type Device struct {
	name      string
	precision device.Precision
	gpu       cu.Device
	context   cu.CUContext // the GPU's primary one; zero until it is retained
	stream    cu.Stream
	module    cu.Module
	kernels   map[string]cu.Function

	memory   map[cu.DevicePtr]struct{} // all that is allocated
	staging  staging
	scratch  span // for partial sums
	fault    cu.DevicePtr
	plans    map[*device.Layout]*plan
	programs []*program

	phase phase
	place string // the program that runs or is recorded, for errors
	err   error  // the first error; operations do nothing once it is set
}

var _ device.Device = (*Device)(nil)

// Open takes the GPU number ordinal, from 0 on, of those that the driver shows (the
// environment variable CUDA_VISIBLE_DEVICES limits them). The error says what is
// missing: a driver, a newer one, or a GPU.
func Open(ordinal int) (*Device, error) {
	if err := libcuda.Load(); err != nil {
		return nil, fmt.Errorf("cuda: %w", err)
	}
	d := &Device{memory: map[cu.DevicePtr]struct{}{}, plans: map[*device.Layout]*plan{}}
	if err := d.do(func() error { return d.open(ordinal) }); err != nil {
		return nil, errors.Join(fmt.Errorf("cuda: %w", err), d.Close())
	}
	return d, nil
}

// open finds out whether the GPU will do.
func (d *Device) open(ordinal int) error {
	if version := cu.Version(); version < oldestDriver {
		return fmt.Errorf("driver supports CUDA %d.%d: needs 11.4 or newer; install NVIDIA driver 470 or newer", version/1000, version%1000/10)
	}
	count, err := cu.NumDevices()
	if err != nil {
		return fmt.Errorf("count GPUs: %w", err)
	}
	if count == 0 {
		return fmt.Errorf("the driver sees no GPU: check nvidia-smi and CUDA_VISIBLE_DEVICES")
	}
	if ordinal < 0 || ordinal >= count {
		return fmt.Errorf("ordinal=%d: there are %d GPUs: must be below that", ordinal, count)
	}
	if d.gpu, err = cu.GetDevice(ordinal); err != nil {
		return fmt.Errorf("GPU %d: %w", ordinal, err)
	}
	model, err := d.gpu.Name()
	if err != nil {
		return fmt.Errorf("GPU %d: %w", ordinal, err)
	}
	d.name = fmt.Sprintf("cuda:%d %s", ordinal, model)
	major, minor, err := d.gpu.ComputeCapability()
	if err != nil {
		return fmt.Errorf("%s: %w", d.name, err)
	}
	if 10*major+minor < oldestCapability {
		return fmt.Errorf("%s has compute capability %d.%d: needs 7.0 (Volta) or newer", d.name, major, minor)
	}
	if err := d.start(10*major + minor); err != nil {
		return fmt.Errorf("%s: %w", d.name, err)
	}
	return nil
}

// start makes what the operations need on the GPU.
func (d *Device) start(capability int) error {
	context, err := d.gpu.RetainPrimaryCtx()
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
	if err = d.load(capability); err != nil {
		return err
	}
	if d.fault, err = d.claim(faultBytes); err != nil {
		return err
	}
	if err = cu.MemsetD8Async(d.fault, 0, faultBytes, d.stream); err != nil {
		return err
	}
	return d.staging.open()
}

// Name is the GPU's number and model, such as "cuda:0 NVIDIA H100".
func (d *Device) Name() string { return d.name }

// Precision is what products of matrices round their operands to.
func (d *Device) Precision() device.Precision { return d.precision }

// Sync waits for the GPU and returns the first error of the operations so far.
func (d *Device) Sync() error {
	if d.err == nil {
		d.keep(d.do(d.settle))
	}
	return d.err
}

// settle waits for the stream and looks for what kernels could not do. The context
// must be current.
func (d *Device) settle() error {
	if d.phase != running {
		return fmt.Errorf("waiting is not an operation: a recorded sequence must not call Sync or Download")
	}
	if err := d.stream.Synchronize(); err != nil {
		return fmt.Errorf("the GPU failed: %w: its memory is lost; see the kernel log (dmesg, Xid) and start again", err)
	}
	return d.readFault()
}

// Close frees the GPU. Closing twice is harmless.
func (d *Device) Close() error {
	if errors.Is(d.err, errClosed) {
		return nil
	}
	err := d.do(d.free)
	// Freeing fails after an error that was reported already.
	if d.err != nil {
		err = nil
	}
	d.err = errors.Join(errClosed, d.err)
	d.plans, d.programs, d.memory = nil, nil, nil
	if err != nil {
		return fmt.Errorf("cuda: close: %w", err)
	}
	return nil
}

func (d *Device) free() error {
	if d.context == (cu.CUContext{}) {
		return nil
	}
	var failed []error
	if d.stream != (cu.Stream{}) {
		failed = append(failed, d.stream.Synchronize())
	}
	for _, p := range d.programs {
		failed = append(failed, p.graph.Destroy())
	}
	failed = append(failed, d.staging.close())
	for p := range d.memory {
		failed = append(failed, cu.MemFree(p))
	}
	if d.kernels != nil {
		failed = append(failed, d.module.Unload())
	}
	if d.stream != (cu.Stream{}) {
		failed = append(failed, d.stream.Destroy())
	}
	failed = append(failed, d.gpu.ReleasePrimaryCtx())
	return errors.Join(slices.DeleteFunc(failed, func(err error) bool { return err == nil })...)
}

// fail keeps the first error.
func (d *Device) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("cuda: "+d.place+format, args...)
	}
}

// keep is fail for an error that says all.
func (d *Device) keep(err error) {
	if err != nil {
		d.fail("%w", err)
	}
}
