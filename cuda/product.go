//go:build gpu

package cuda

import (
	"errors"

	"github.com/dpgan/dpgan/cuda/libcublas"
)

// product is out = left·right, or left·rightᵀ if transposed, and what is done to it: by our
// kernel, or by cuBLAS and then epilogue, on out alone.
type product struct {
	out, left, right matrix
	transposed       bool
	act              activation
	own              func(out, left, right matrix)
	epilogue         func(out matrix)
}

// leastProduct is rows·inner·cols from which on cuBLAS is tried: smaller products last
// about as long as the second launch.
const leastProduct = 1 << 27

// multiply makes a product, by cuBLAS where that has been measured to be faster. It
// may only if overwrite tells that nobody needs what out holds.
func (o operation) multiply(p product, overwrite bool) {
	size := float64(p.out.rows) * float64(p.left.cols) * float64(p.out.cols)
	if !o.failed() && overwrite && size > 0 && size >= o.least {
		// What waits belongs before the product, and not into what is measured.
		if o.flush(); !o.failed() && o.prefers(p) {
			if err := o.multiplyByCublas(p); err != nil {
				err = errors.Join(err, o.do(o.stream.Synchronize)) // which knows whether the GPU is lost
				o.fail("%s: cuBLAS: %w: set %s=off to do without", o.name, err, libcublas.Variable)
			}
			return
		}
	}
	p.own(p.out, p.left, p.right)
}

// multiplyByCublas makes a product by cuBLAS, on the stream or as nodes of the program that is
// recorded. All such calls use one workspace, and so they wait for one another.
func (o operation) multiplyByCublas(p product) error {
	var a access
	a.touch(p.out.extent(), true)
	a.touch(extent{o.cublas.workspace, o.cublas.workspace + libcublas.Workspace}, true)
	a.touch(p.left.extent(), false)
	a.touch(p.right.extent(), false)
	call := func() error {
		return o.cublas.handle.Multiply(p.out.rows, p.left.cols, p.out.cols, p.transposed, p.left.forCublas(), p.right.forCublas(), p.out.forCublas())
	}
	err := o.do(func() error {
		if o.recording != nil {
			return o.recording.include(call, a)
		}
		return call()
	})
	if err == nil {
		p.epilogue(p.out)
	}
	return err
}

// forCublas is a matrix for package libcublas.
func (m matrix) forCublas() libcublas.Matrix {
	return libcublas.Matrix{Address: uint64(m.address), Stride: m.stride}
}

// include makes what call enqueues a node of the graph. The context must be current.
func (p *program) include(call func() error, a access) error {
	waits, before := p.follows(a)
	handle, err := p.graph.AddCaptured(p.owner.handle(), call, waits)
	p.nodes = append(p.nodes, node{handle, a, before})
	return err
}
