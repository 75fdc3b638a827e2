//go:build gpu

package cuda

import (
	"unsafe"

	"gorgonia.org/cu"
)

// Uploads of at most this many bytes go together, four a launch; larger ones are
// copied one by one.
const (
	smallUpload      = 16 << 10
	uploadsPerLaunch = 4
)

// upload is a small upload: 4-byte words in the staging memory and where they go.
type upload struct {
	to    cu.DevicePtr
	from  unsafe.Pointer
	words int
}

func (u upload) extent() extent { return extent{u.to, u.to + cu.DevicePtr(4*u.words)} }

// uploadBatch is small uploads that wait to be made together: a kernel fetches them
// from the page-locked memory, which has the same address on the GPU.
type uploadBatch struct{ uploads []upload }

// batchUpload defers a small upload; src is free for use at once.
func (d *Device) batchUpload(to cu.DevicePtr, src []byte) error {
	if !d.staging.fits(len(src)) {
		d.flush() // the half that is left must be all on the stream
		if err := d.do(func() error { return d.staging.turn(d.stream) }); err != nil {
			return err
		}
	}
	u := upload{to, d.staging.put(src), len(src) / 4}
	if batch, ok := d.deferred.(*uploadBatch); ok && batch.admit(u) {
		batch.uploads = append(batch.uploads, u)
		return nil
	}
	d.deferWork(&uploadBatch{[]upload{u}})
	return nil
}

// admit tells whether u does not write what another upload does: the later one counts.
func (b *uploadBatch) admit(u upload) bool {
	for _, other := range b.uploads {
		if !disjoint([]extent{u.extent()}, []extent{other.extent()}) {
			return false
		}
	}
	return len(b.uploads) < uploadsPerLaunch
}

func (b *uploadBatch) send(o operation) {
	o.name = "Upload"
	most := 0
	var sets [uploadsPerLaunch]uploadSet
	for i, u := range b.uploads {
		most = max(most, u.words)
		from := cu.DevicePtr(uintptr(u.from))
		sets[i] = uploadSet{to: array[uint32]{u.to, u.words}, from: array[uint32]{from, u.words}, words: u.words}
	}
	const wordsPerBlock = 256
	o.launchUpload(grid{x: ceil(most, wordsPerBlock), y: len(b.uploads), z: 1}, sets)
}
