package cpu

import (
	"errors"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// What does not fit is refused with what is free, though the system would promise it,
// and what is released is free again. Nothing is written to the buffers.
func TestMemory(t *testing.T) {
	free, known := freeMemory()
	if !known {
		t.Skip("this system does not say what is free")
	}
	if free < 64<<20 {
		t.Skipf("only %d bytes are free", free)
	}
	d := New(1)
	defer d.Close()
	var short *device.MemoryError
	if _, err := d.Alloc(device.Uint64, int(2*free/8)); !errors.As(err, &short) || short.Requested != 2*free/8*8 || short.Free < 0 || short.Free >= 2*free {
		t.Fatalf("twice of what is free: %v, %+v", err, short)
	}
	// Never written, these bytes are promised only.
	half, err := d.Alloc(device.Float32, int(free/8))
	if err != nil {
		t.Fatal("half of what is free:", err)
	}
	if _, err := d.Alloc(device.Float32, int(free/4)); !errors.As(err, &short) {
		t.Errorf("all of what was free, beside half of it: %v", err)
	}
	half.Release()
	half.Release()
	if d.memory.taken != 0 {
		t.Errorf("%d bytes are still counted", d.memory.taken)
	}
	if err := d.Sync(); err != nil {
		t.Error("a refused buffer is the device's error:", err)
	}
}
