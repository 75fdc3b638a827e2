//go:build gpu

package cuda

import (
	"errors"

	"github.com/dpgan/dpgan/cuda/libcublas"
	"github.com/dpgan/dpgan/device"
	"gorgonia.org/cu"
)

// cublas is cuBLAS on this GPU, from the first product on that it may make.
type cublas struct {
	handle    libcublas.Handle
	workspace cu.DevicePtr
	tried     bool
	err       error // why there is none
	chosen    map[shape]bool
	choices   []choice // in the order of the first products
}

// start loads the library, unless that was tried. The context must be current.
func (b *cublas) start(d *Device) error {
	if b.tried {
		return b.err
	}
	b.tried, b.chosen = true, map[shape]bool{}
	if b.err = libcublas.Load(); b.err != nil {
		return b.err
	}
	if b.workspace, b.err = d.alloc(libcublas.Workspace); b.err != nil {
		return b.err
	}
	if b.handle, b.err = libcublas.New(d.handle(), uint64(b.workspace), d.precision == device.TensorFloat32); b.err != nil {
		b.err = errors.Join(b.err, d.free(b.workspace))
	}
	return b.err
}

// close frees the handle; its workspace is the device's. The context must be current.
func (b *cublas) close() error {
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
	transposed, drops bool
	kind              device.ActivationKind
}

func (p product) shape() shape {
	s := shape{rows: p.out.rows, inner: p.left.cols, cols: p.out.cols, transposed: p.transposed, drops: p.act.dropout > 0, kind: p.act.kind}
	for i, m := range []matrix{p.out, p.left, p.right} {
		s.strides[i], s.offsets[i] = m.stride, m.address%scratchAlign
	}
	return s
}

// choice is how products of one shape are made.
type choice struct {
	Rows, Inner, Cols int
	Own, Cublas       float64 // milliseconds, the best of five; 0 if not measured
	Chosen            bool    // whether cuBLAS makes them
	Reason            error   // why cuBLAS was not measured
}

// Library loads cuBLAS, as the first large product does. The error says why there is
// none; everything works without.
func (d *Device) Library() error {
	if d.err != nil {
		return d.err
	}
	return d.do(func() error { return d.cublas.start(d) })
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
	if chosen, known := o.cublas.chosen[key]; known {
		return chosen
	}
	c := choice{Rows: key.rows, Inner: key.inner, Cols: key.cols}
	c.Own, c.Cublas, c.Reason = o.autotune(p)
	c.Chosen = c.Reason == nil && c.Cublas < advantage*c.Own
	o.cublas.chosen[key] = c.Chosen
	o.cublas.choices = append(o.cublas.choices, c)
	return c.Chosen
}
