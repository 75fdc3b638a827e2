//go:build gpu

package cuda

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/dpgan/dpgan/cuda/libcuda"
	"github.com/dpgan/dpgan/device"
)

// phase is what becomes of an operation.
type phase uint8

const (
	running    phase = iota // it is put on the stream
	rehearsing              // it is checked, and gets the memory it needs
	capturing               // it becomes part of a graph
)

// program is a recorded sequence: a CUDA graph.
type program struct {
	owner *Device
	place string
	graph libcuda.Graph
}

// Record makes a graph of the operations that sequence calls. It calls sequence
// twice: no memory can be had while a graph is captured, so the first call only
// gets what the operations need.
func (d *Device) Record(name string, sequence func()) device.Program {
	p := &program{owner: d, place: fmt.Sprintf("program %s: ", name)}
	if d.err != nil {
		return p
	}
	if d.phase != running {
		d.fail("Record %s: not an operation: record programs one after the other", name)
		return p
	}
	d.flush()
	before := d.place
	d.place, d.phase = p.place, rehearsing
	sequence()
	d.flush()
	d.phase = capturing
	if d.err == nil {
		d.keep(d.capture(p, sequence))
	}
	d.place, d.phase = before, running
	d.programs = append(d.programs, p)
	return p
}

// capture makes the graph of p. A capture begins and ends on one thread, and only
// what that thread enqueues is captured.
func (d *Device) capture(p *program, sequence func()) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := d.do(func() error { return libcuda.BeginCapture(d.handle()) }); err != nil {
		return err
	}
	sequence()
	d.flush()
	return d.do(func() (err error) {
		p.graph, err = libcuda.EndCapture(d.handle())
		return err
	})
}

// handle is the stream for package libcuda.
func (d *Device) handle() unsafe.Pointer { return unsafe.Pointer(d.stream.C()) }

// Run puts the graph on the stream.
func (p *program) Run() {
	d := p.owner
	if d.err != nil {
		return
	}
	if d.phase != running {
		d.fail("%sRun: not an operation: a program cannot run within another", p.place)
		return
	}
	if d.flush(); d.err != nil {
		return
	}
	if err := d.do(func() error { return p.graph.Launch(d.handle()) }); err != nil {
		d.fail("%s%w", p.place, err)
	}
}
