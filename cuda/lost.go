//go:build gpu

package cuda

import (
	"errors"
	"fmt"

	"github.com/dpgan/dpgan/cuda/libcuda"
	"gorgonia.org/cu"
)

// ErrLost tells that the GPU failed in the midst of its work, and what was on it is
// gone. Close the device; then a new one can be opened.
var ErrLost = errors.New("the GPU failed and its memory is lost")

// fatal are the results after which nothing can be done with a context any more.
// Whichever call comes next gives them, be it of gorgonia.org/cu or of package libcuda.
var fatal = []error{
	cu.EccUncorrectable, libcuda.Code(cu.EccUncorrectable),
	cu.NvlinkUncorrectable, libcuda.Code(cu.NvlinkUncorrectable),
	cu.IllegalAddress, libcuda.Code(cu.IllegalAddress),
	cu.LaunchTimeout, libcuda.Code(cu.LaunchTimeout),
	cu.HardwareStackError, libcuda.Code(cu.HardwareStackError),
	cu.IllegalInstruction, libcuda.Code(cu.IllegalInstruction),
	cu.MisalignedAddress, libcuda.Code(cu.MisalignedAddress),
	cu.InvalidAddressSpace, libcuda.Code(cu.InvalidAddressSpace),
	cu.InvalidPc, libcuda.Code(cu.InvalidPc),
	cu.LaunchFailed, libcuda.Code(cu.LaunchFailed),
}

// explain adds ErrLost to an error that is fatal to the device.
func explain(err error) error {
	for _, f := range fatal {
		if errors.Is(err, f) {
			return fmt.Errorf("%w: %w: see the kernel log (dmesg, Xid) and start again", ErrLost, err)
		}
	}
	return err
}
