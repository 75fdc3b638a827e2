//go:build gpu

package cuda

import (
	"unsafe"

	"gorgonia.org/cu"
)

// Uploads of at most this many bytes go together, four a launch; larger ones are
// copied one by one.
const (
	smallUpload        = 16 << 10
	uploadsPerDelivery = 4
)

// parcel is a small upload: 4-byte words in the staging memory and where they go.
type parcel struct {
	to    cu.DevicePtr
	from  unsafe.Pointer
	words int
}

func (p parcel) extent() extent { return extent{p.to, p.to + cu.DevicePtr(4*p.words)} }

// delivery is small uploads that wait to be made together: a kernel fetches them
// from the page-locked memory, which has the same address on the GPU.
type delivery struct{ parcels []parcel }

// deliver makes a small upload pending; src is free for use at once.
func (d *Device) deliver(to cu.DevicePtr, src []byte) error {
	if !d.staging.fits(len(src)) {
		d.flush() // the half that is left must be all on the stream
		if err := d.do(func() error { return d.staging.turn(d.stream) }); err != nil {
			return err
		}
	}
	p := parcel{to, d.staging.put(src), len(src) / 4}
	if held, ok := d.pending.(*delivery); ok && held.admit(p) {
		held.parcels = append(held.parcels, p)
		return nil
	}
	d.hold(&delivery{[]parcel{p}})
	return nil
}

// admit tells whether p does not write what another upload does: the later one counts.
func (v *delivery) admit(p parcel) bool {
	for _, other := range v.parcels {
		if !apart([]extent{p.extent()}, []extent{other.extent()}) {
			return false
		}
	}
	return len(v.parcels) < uploadsPerDelivery
}

func (v *delivery) send(o operation) {
	o.name = "Upload"
	most := 0
	var arguments []any
	for _, p := range v.parcels {
		most = max(most, p.words)
		arguments = append(arguments, p.extent(), constant(uintptr(p.from)), p.words)
	}
	for range uploadsPerDelivery - len(v.parcels) {
		arguments = append(arguments, extent{}, constant(0), 0)
	}
	o.launch("deliver", grid{ceil(most, 256), len(v.parcels), 1}, 256, arguments...)
}
