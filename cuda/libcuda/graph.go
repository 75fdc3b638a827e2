//go:build gpu

package libcuda

// #include "libcuda.h"
import "C"

import (
	"fmt"
	"unsafe"
)

// Code is a CUresult that is not success.
type Code int

func (c Code) Error() string {
	var name *C.char
	if C.cuGetErrorName(C.int(c), &name) == 0 && name != nil {
		return C.GoString(name)
	}
	return fmt.Sprintf("CUDA error %d", int(c))
}

func result(code C.int) error {
	if code != 0 {
		return Code(code)
	}
	return nil
}

// threadLocal is CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: other threads of the process
// may do as they like meanwhile.
const threadLocal = 1

// Graph is work captured from a stream, ready to be launched. The zero Graph has none.
type Graph struct{ exec unsafe.Pointer }

// BeginCapture makes stream keep what the calling thread puts on it, until EndCapture;
// nothing of it runs.
func BeginCapture(stream unsafe.Pointer) error {
	if err := result(C.cuStreamBeginCapture_v2(stream, threadLocal)); err != nil {
		return fmt.Errorf("begin capture: %w", err)
	}
	return nil
}

// EndCapture makes a Graph of what stream has kept.
func EndCapture(stream unsafe.Pointer) (Graph, error) {
	var captured unsafe.Pointer
	if err := result(C.cuStreamEndCapture(stream, &captured)); err != nil {
		return Graph{}, fmt.Errorf("end capture: %w", err)
	}
	defer C.cuGraphDestroy(captured)
	var g Graph
	if err := result(C.cuGraphInstantiateWithFlags(&g.exec, captured, 0)); err != nil {
		return Graph{}, fmt.Errorf("instantiate graph: %w", err)
	}
	return g, nil
}

// Launch puts the graph on stream.
func (g Graph) Launch(stream unsafe.Pointer) error { return result(C.cuGraphLaunch(g.exec, stream)) }

// Destroy frees the graph; what is under way completes.
func (g Graph) Destroy() error {
	if g.exec == nil {
		return nil
	}
	return result(C.cuGraphExecDestroy(g.exec))
}

// Pinned makes page-locked memory, which the GPU reads on its own; cu.MemFreeHost
// frees it.
func Pinned(bytes int) (unsafe.Pointer, error) {
	var memory unsafe.Pointer
	err := result(C.cuMemHostAlloc(&memory, C.size_t(bytes), 0))
	return memory, err
}
