//go:build gpu

package cuda

import (
	"errors"
	"fmt"

	"github.com/dpgan/dpgan/cuda/libcuda"
	"github.com/dpgan/dpgan/device"
	"gorgonia.org/cu"
)

// ErrPrecision tells that the GPU is there, but does not compute in the precision
// that was asked for.
var ErrPrecision = errors.New("precision is not available")

// What a driver and a GPU must have: graphs are instantiated with the call of CUDA
// 11.4 (driver 470), and the PTX is for compute capability 7.0 (Volta) and newer.
const oldestDriver = 11040

var (
	oldestCapability = Capability{7, 0}
	// Tensor cores take TF32 since Ampere.
	tensorCapability = Capability{8, 0}
)

// Capability is a compute capability, such as 8.0.
type Capability struct{ Major, Minor int }

// String is major.minor.
func (c Capability) String() string { return fmt.Sprintf("%d.%d", c.Major, c.Minor) }

func (c Capability) below(other Capability) bool {
	return c.Major < other.Major || c.Major == other.Major && c.Minor < other.Minor
}

// GPU is what the driver says of one GPU.
type GPU struct {
	Ordinal    int
	Name       string // of the model
	Memory     uint64 // bytes
	Capability Capability

	handle cu.Device
}

// ID is what the GPU is called on the command line: cuda:0.
func (g GPU) ID() string { return fmt.Sprintf("cuda:%d", g.Ordinal) }

func (g GPU) String() string { return g.ID() + " " + g.Name }

// GPUs are those that the driver shows (the environment variable
// CUDA_VISIBLE_DEVICES limits and orders them), at least one. The error says what
// is missing: a driver, a newer one, or a GPU.
func GPUs() ([]GPU, error) {
	if err := libcuda.Load(); err != nil {
		return nil, fmt.Errorf("cuda: %w", err)
	}
	if version := cu.Version(); version < oldestDriver {
		return nil, fmt.Errorf("cuda: driver supports CUDA %d.%d: needs 11.4 or newer; install NVIDIA driver 470 or newer", version/1000, version%1000/10)
	}
	count, err := cu.NumDevices()
	if err != nil {
		return nil, fmt.Errorf("cuda: count GPUs: %w", err)
	}
	if count == 0 {
		return nil, errors.New("cuda: the driver sees no GPU: check nvidia-smi and CUDA_VISIBLE_DEVICES")
	}
	gpus := make([]GPU, count)
	for i := range gpus {
		if gpus[i], err = describe(i); err != nil {
			return nil, fmt.Errorf("cuda: GPU %d: %w", i, err)
		}
	}
	return gpus, nil
}

func describe(ordinal int) (g GPU, err error) {
	g.Ordinal = ordinal
	if g.handle, err = cu.GetDevice(ordinal); err != nil {
		return g, err
	}
	if g.Name, err = g.handle.Name(); err != nil {
		return g, err
	}
	memory, err := g.handle.TotalMem()
	if err != nil {
		return g, err
	}
	g.Memory = uint64(memory)
	g.Capability.Major, g.Capability.Minor, err = g.handle.ComputeCapability()
	return g, err
}

// check tells why the GPU will not do.
func (g GPU) check(precision device.Precision) error {
	switch {
	case g.Capability.below(oldestCapability):
		return fmt.Errorf("compute capability %v: needs %v (Volta) or newer", g.Capability, oldestCapability)
	case precision == device.TensorFloat32 && g.Capability.below(tensorCapability):
		return fmt.Errorf("precision=%v: %w: it needs compute capability %v (Ampere) or newer, not %v; use %v",
			precision, ErrPrecision, tensorCapability, g.Capability, device.SinglePrecision)
	case precision != device.SinglePrecision && precision != device.TensorFloat32:
		return fmt.Errorf("precision=%v: %w: on GPUs there are %v and %v", precision, ErrPrecision, device.SinglePrecision, device.TensorFloat32)
	}
	return nil
}
