//go:build gpu

package cuda

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/dpgan/dpgan/cuda/libcuda"
	"github.com/dpgan/dpgan/device"
	"gorgonia.org/cu"
)

// program is a recorded sequence: a CUDA graph.
type program struct {
	owner *Device
	place string
	graph libcuda.Graph

	// What it refers to, and how much the device had released when all of that was
	// last seen to be there.
	buffers map[resource]struct{}
	tables  map[cu.DevicePtr]struct{} // layouts and pair tables
	pieces  map[cu.DevicePtr]struct{} // of scratch
	checked int

	// While it is recorded.
	nodes       []node
	scratchUsed int64 // of the current piece
	released    bool
}

// resource is what its owner may release.
type resource interface{ gone() bool }

// Record makes a graph of the operations that sequence calls. Nothing of it runs.
func (d *Device) Record(name string, sequence func()) device.Program {
	p := &program{owner: d, place: fmt.Sprintf("program %s: ", name), checked: d.releases,
		buffers: map[resource]struct{}{}, tables: map[cu.DevicePtr]struct{}{}, pieces: map[cu.DevicePtr]struct{}{}}
	if d.err != nil {
		return p
	}
	if d.recording != nil {
		d.fail("Record %s: not an operation: record programs one after the other", name)
		return p
	}
	if d.flush(); d.err != nil {
		return p
	}
	before := d.place
	d.place, d.recording = p.place, p
	d.keep(d.do(func() (err error) {
		p.graph, err = libcuda.NewGraph()
		return err
	}))
	sequence()
	d.flush()
	if d.err == nil {
		d.keep(d.do(p.graph.Instantiate))
	}
	d.place, d.recording, p.nodes = before, nil, nil
	d.programs = append(d.programs, p)
	if short := (*device.MemoryError)(nil); errors.As(d.err, &short) {
		d.refused, d.err = d.err, nil
		p.Release()
	}
	return p
}

// node is a launch of a program.
type node struct {
	handle unsafe.Pointer
	access
	before []bool // the nodes that are done before it begins, by number
}

// follows is what a launch that touches a must wait for: the nodes that it conflicts
// with, but none that another of them has waited for.
func (p *program) follows(a access) (waits []unsafe.Pointer, before []bool) {
	before = make([]bool, len(p.nodes))
	for i := len(p.nodes) - 1; i >= 0; i-- {
		n := &p.nodes[i]
		if before[i] || !a.conflicts(n.access) {
			continue
		}
		waits = append(waits, n.handle)
		before[i] = true
		for k, done := range n.before {
			before[k] = before[k] || done
		}
	}
	return waits, before
}

// add makes a launch a node of the graph. The context must be current.
func (p *program) add(l libcuda.Kernel, a access) error {
	waits, before := p.follows(a)
	handle, err := p.graph.Add(l, waits)
	p.nodes = append(p.nodes, node{handle, a, before})
	return err
}

// Run puts the graph on the stream.
func (p *program) Run() {
	d := p.owner
	if d.err != nil {
		return
	}
	if d.recording != nil {
		d.fail("%sRun: not an operation: a program cannot run within another", p.place)
		return
	}
	if p.released {
		d.fail("%sRun: %w", p.place, errReleased)
		return
	}
	if p.checked != d.releases {
		for b := range p.buffers {
			if b.gone() {
				d.fail("%sRun: what it uses is gone: %w", p.place, errReleased)
				return
			}
		}
		p.checked = d.releases
	}
	if d.flush(); d.err != nil {
		return
	}
	if err := d.do(func() error { return p.graph.Launch(d.handle()) }); err != nil {
		d.fail("%s%w", p.place, err)
	}
}

// handle is the stream for package libcuda.
func (d *Device) handle() unsafe.Pointer { return unsafe.Pointer(d.stream.C()) }

// Release frees the graph, and the scratch, layouts and pair tables that only it uses.
func (p *program) Release() {
	d := p.owner
	if p.released {
		return
	}
	if d.memory != nil && d.err == nil {
		if d.recording != nil {
			d.fail("%sRelease: not an operation: release after Record", p.place)
			return
		}
		for i, other := range d.programs {
			if other == p {
				d.programs = append(d.programs[:i], d.programs[i+1:]...)
				break
			}
		}
		d.keep(d.idle(func() error { return errors.Join(p.graph.Destroy(), d.sweep()) }))
	}
	p.released, p.buffers, p.tables, p.pieces = true, nil, nil, nil
}
