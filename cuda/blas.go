//go:build gpu

package cuda

import (
	"errors"
	"slices"

	"github.com/dpgan/dpgan/cuda/libcublas"
	"github.com/dpgan/dpgan/device"
	"gorgonia.org/cu"
)

// blas is cuBLAS on this GPU, from the first product on that it may make.
type blas struct {
	handle    libcublas.Handle
	workspace cu.DevicePtr
	tried     bool
	err       error // why there is none
	borrowed  map[shape]bool
	choices   []Choice
}

// start loads the library, unless that was tried. The context must be current.
func (b *blas) start(d *Device) error {
	if b.tried {
		return b.err
	}
	b.tried, b.borrowed = true, map[shape]bool{}
	if b.err = libcublas.Load(); b.err != nil {
		return b.err
	}
	if b.workspace, b.err = d.claim(libcublas.Workspace); b.err != nil {
		return b.err
	}
	if b.handle, b.err = libcublas.New(d.handle(), uint64(b.workspace), d.precision == device.TensorFloat32); b.err != nil {
		b.err = errors.Join(b.err, d.vacate(b.workspace))
	}
	return b.err
}

// close frees the handle; its workspace is the device's. The context must be current.
func (b *blas) close() error {
	if b.handle == (libcublas.Handle{}) {
		return nil
	}
	return b.handle.Close()
}

// shape is all of a product that the time it takes depends on.
type shape struct {
	rows, inner, cols int
	strides           [3]int          // of out, left, right
	offsets           [3]cu.DevicePtr // from aligned addresses: with others cuBLAS takes other kernels
	along, drops      bool
	kind              device.ActivationKind
}

func (p product) shape() shape {
	s := shape{rows: p.out.rows, inner: p.left.cols, cols: p.out.cols, along: p.along, drops: p.act.dropout > 0, kind: p.act.kind}
	for i, m := range []matrix{p.out, p.left, p.right} {
		s.strides[i], s.offsets[i] = m.stride, m.address%scratchAlign
	}
	return s
}

// Choice is how products of one shape are made.
type Choice struct {
	Rows, Inner, Cols int
	Own, Library      float64 // milliseconds, the best of five; 0 if not measured
	Borrowed          bool    // by cuBLAS
	Reason            error   // why cuBLAS was not measured
}

// Choices are those made so far, in the order of the first products.
func (d *Device) Choices() []Choice { return slices.Clone(d.blas.choices) }

// Library loads cuBLAS, as the first large product does. The error says why there is
// none; everything works without.
func (d *Device) Library() error {
	if d.err != nil {
		return d.err
	}
	return d.do(func() error { return d.blas.start(d) })
}

// advantage is the part of our kernel's time within which cuBLAS must stay: with less
// to gain, the bits that do not depend on a library are worth more.
const advantage = 0.9

// prefers tells whether cuBLAS makes products like p faster, and measures the first one.
func (o operation) prefers(p product) bool {
	if o.Library() != nil {
		return false
	}
	key := p.shape()
	if borrowed, known := o.blas.borrowed[key]; known {
		return borrowed
	}
	c := Choice{Rows: key.rows, Inner: key.inner, Cols: key.cols}
	c.Own, c.Library, c.Reason = o.compete(p)
	c.Borrowed = c.Reason == nil && c.Library < advantage*c.Own
	o.blas.borrowed[key] = c.Borrowed
	o.blas.choices = append(o.blas.choices, c)
	return c.Borrowed
}
