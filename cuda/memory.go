//go:build gpu

package cuda

import (
	"fmt"

	"gorgonia.org/cu"
)

// span is a piece of the GPU's memory.
type span struct {
	address cu.DevicePtr
	bytes   int
}

// claim allocates memory that Close frees. The context must be current.
func (d *Device) claim(bytes int) (cu.DevicePtr, error) {
	p, err := cu.MemAlloc(int64(bytes))
	if err == cu.OutOfMemory {
		free, total, _ := cu.MemInfo()
		return 0, fmt.Errorf("no memory for %d bytes: %d of %d bytes are free; lower the batch size (runtime.max_physical_batch_size) or the width of the layers", bytes, free, total)
	}
	if err != nil {
		return 0, fmt.Errorf("allocate %d bytes: %w", bytes, err)
	}
	d.memory[p] = struct{}{}
	return p, nil
}

// release frees what claim allocated.
func (d *Device) release(p cu.DevicePtr) error {
	delete(d.memory, p)
	return cu.MemFree(p)
}

// partials is scratch of at least the given size, for one operation. A recorded
// program keeps the address, so outgrown scratch stays until Close.
func (o operation) partials(bytes int) cu.DevicePtr {
	if o.failed() || o.scratch.bytes >= bytes {
		return o.scratch.address
	}
	bytes = max(bytes, 2*o.scratch.bytes, 1<<20)
	err := o.do(func() (err error) {
		o.scratch.address, err = o.claim(bytes)
		return err
	})
	if err != nil {
		o.fail("%s: scratch: %w", o.name, err)
		return 0
	}
	o.scratch.bytes = bytes
	return o.scratch.address
}
