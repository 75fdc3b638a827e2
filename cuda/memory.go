//go:build gpu

package cuda

import (
	"errors"
	"fmt"

	"github.com/dpgan/dpgan/device"
	"gorgonia.org/cu"
)

var errReleased = errors.New("it was released, and has no memory any more")

// allocation is a piece of the GPU's memory.
type allocation struct {
	address cu.DevicePtr
	bytes   int64
}

// alloc allocates memory that Close frees. The context must be current.
func (d *Device) alloc(bytes int64) (cu.DevicePtr, error) {
	p, err := cu.MemAlloc(bytes)
	if err == cu.OutOfMemory {
		free, _, err := cu.MemInfo()
		if err != nil {
			free = -1
		}
		return 0, &device.MemoryError{Requested: bytes, Free: free}
	}
	if err != nil {
		return 0, fmt.Errorf("allocate %d bytes: %w", bytes, err)
	}
	d.memory[p] = struct{}{}
	return p, nil
}

// free frees what alloc allocated. The context must be current, and the stream idle.
func (d *Device) free(p cu.DevicePtr) error {
	if p == 0 {
		return nil
	}
	delete(d.memory, p)
	return cu.MemFree(p)
}

// release frees memory of the caller's, when what was enqueued is done with it. A
// device that is closed or has failed frees all of its memory when it closes. It
// returns whether the memory is to count as released.
func (d *Device) release(what string, p cu.DevicePtr) bool {
	if d.memory == nil || d.err != nil {
		return true
	}
	if d.recording != nil {
		d.fail("%s: not an operation: release after Record", what)
		return false
	}
	d.releases++
	d.keep(d.idle(func() error { return d.free(p) }))
	return true
}

// idle calls next once the stream has nothing left to do, with the context current.
func (d *Device) idle(next func() error) error {
	d.flush() // it may use what is to be freed
	return d.do(func() error {
		if err := d.stream.Synchronize(); err != nil {
			return fmt.Errorf("wait: %w", err)
		}
		return next()
	})
}

// leastScratch is the size of the first piece of scratch.
const leastScratch = 1 << 20

// scratchFor is where scratch of the given size lies, for one operation. Operations on
// the stream run one after the other and share its beginning; those of a program may run
// side by side, so they take turns through all of it, and what comes round to a place
// waits for what used it before. A program keeps its pieces, outgrown ones too.
func (o operation) scratchFor(bytes int) cu.DevicePtr {
	if o.failed() || bytes == 0 {
		return 0
	}
	size := int64(ceil(bytes, scratchAlign) * scratchAlign)
	if o.scratch.bytes < size {
		grown := allocation{bytes: max(size, 2*o.scratch.bytes, leastScratch)}
		err := o.do(func() (err error) {
			grown.address, err = o.alloc(grown.bytes)
			return err
		})
		if err != nil {
			o.fail("%s: scratch: %w", o.name, err)
			return 0
		}
		o.pieces = append(o.pieces, grown.address)
		o.scratch = grown
		if o.recording != nil {
			o.recording.scratchUsed = 0
		}
	}
	at := o.scratch.address
	if p := o.recording; p != nil {
		if p.scratchUsed+size > o.scratch.bytes {
			p.scratchUsed = 0
		}
		at += cu.DevicePtr(p.scratchUsed)
		p.scratchUsed += size
		p.pieces[o.scratch.address] = struct{}{}
	}
	return at
}

// scratchAlign is where a piece for an operation may begin.
const scratchAlign = 256

// sweep frees scratch, layouts and pair tables that no program uses. The stream must be idle and
// the context current; what is needed again is made again.
func (d *Device) sweep() error {
	used := func(uses func(p *program) bool) bool {
		for _, p := range d.programs {
			if uses(p) {
				return true
			}
		}
		return false
	}
	var failed []error
	var kept []cu.DevicePtr
	for _, piece := range d.pieces {
		if used(func(p *program) bool { _, uses := p.pieces[piece]; return uses }) {
			kept = append(kept, piece)
			continue
		}
		failed = append(failed, d.free(piece))
		if piece == d.scratch.address {
			d.scratch = allocation{}
		}
	}
	d.pieces = kept
	unused := func(table cu.DevicePtr) bool {
		return !used(func(p *program) bool { _, uses := p.tables[table]; return uses })
	}
	for layout, t := range d.layouts {
		if unused(t.memory) {
			failed = append(failed, d.free(t.memory))
			delete(d.layouts, layout)
		}
	}
	for pairs, t := range d.pairs {
		if unused(t.tables.address) {
			failed = append(failed, d.free(t.tables.address))
			delete(d.pairs, pairs)
		}
	}
	return errors.Join(failed...)
}
