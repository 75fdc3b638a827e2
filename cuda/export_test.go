//go:build gpu

package cuda

// TryAll has cuBLAS tried for products of all sizes.
func (d *Device) TryAll() { d.least = 1 }
