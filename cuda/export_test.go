//go:build gpu

package cuda

import "slices"

// LaunchIncrementBare launches a kernel of four parameters with one argument.
func (d *Device) LaunchIncrementBare() {
	o := d.begin("Increment")
	a := o.arguments()
	a.uint64(0)
	o.launch("increment", blocks(1), a)
}

// AutotuneAll has cuBLAS tried for products of all sizes.
func (d *Device) AutotuneAll() { d.least = 1 }

// Choices are those made so far, in the order of the first products.
func (d *Device) Choices() []choice { return slices.Clone(d.cublas.choices) }
