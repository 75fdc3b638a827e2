package cpu

import (
	"fmt"

	"github.com/dpgan/dpgan/device"
)

// program is a recorded sequence. The CPU has nothing to prepare, so Run calls
// the sequence, whose operations then run at once.
type program struct {
	owner    *Device
	place    string
	sequence func()
}

// Record makes a Program that calls sequence at each Run.
func (d *Device) Record(name string, sequence func()) device.Program {
	return &program{d, fmt.Sprintf("program %s: ", name), sequence}
}

// Run runs the sequence. An error of its operations carries the program's name.
func (p *program) Run() {
	if p.sequence == nil {
		p.owner.fail("%sRun: the program was released", p.place)
		return
	}
	before := p.owner.place
	p.owner.place = p.place
	p.sequence()
	p.owner.place = before
}

// Release lets go of the sequence and of what it refers to.
func (p *program) Release() { p.sequence = nil }
