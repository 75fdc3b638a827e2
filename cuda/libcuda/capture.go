//go:build gpu

package libcuda

// #include "libcuda.h"
import "C"

import (
	"errors"
	"unsafe"
)

// captureRelaxed lets a library do meanwhile what it has to, such as load its kernels.
const captureRelaxed = 2

// AddCaptured makes what call enqueues on stream a node of the graph, to run when those
// of waits are done. None of it runs now, and what is on the stream stays there.
func (g *Graph) AddCaptured(stream unsafe.Pointer, call func() error, waits []unsafe.Pointer) (node unsafe.Pointer, err error) {
	if err := result(C.cuStreamBeginCapture_v2(stream, captureRelaxed)); err != nil {
		return nil, err
	}
	err = call()
	var child unsafe.Pointer
	if ended := result(C.cuStreamEndCapture(stream, &child)); err == nil {
		err = ended
	}
	if err == nil {
		err = result(C.cuGraphAddChildGraphNode(&node, g.graph, unsafe.SliceData(waits), C.size_t(len(waits)), child))
	}
	if child != nil {
		err = errors.Join(err, result(C.cuGraphDestroy(child)))
	}
	return node, err
}
