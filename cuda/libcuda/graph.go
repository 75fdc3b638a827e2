//go:build gpu

package libcuda

// #include "libcuda.h"
import "C"

import (
	"errors"
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

// Kernel is a launch: a CUfunction, the blocks in each direction, the threads of a
// block, and the arguments, boxed in 8 bytes each.
type Kernel struct {
	Function  unsafe.Pointer
	Grid      [3]int
	Threads   int
	Arguments []uint64
}

// Graph is kernels and what each of them waits for. The zero Graph has none.
type Graph struct{ graph, exec unsafe.Pointer }

// NewGraph makes an empty graph.
func NewGraph() (g Graph, err error) {
	if err := result(C.cuGraphCreate(&g.graph, 0)); err != nil {
		return Graph{}, fmt.Errorf("create graph: %w", err)
	}
	return g, nil
}

// Add makes k a node of the graph, to run when those of waits are done.
func (g *Graph) Add(k Kernel, waits []unsafe.Pointer) (node unsafe.Pointer, err error) {
	grid := [3]C.uint{C.uint(k.Grid[0]), C.uint(k.Grid[1]), C.uint(k.Grid[2])}
	err = result(C.dpgan_add_kernel(&node, g.graph, unsafe.SliceData(waits), C.size_t(len(waits)), k.Function,
		&grid[0], C.uint(k.Threads), (*C.ulonglong)(unsafe.SliceData(k.Arguments)), C.size_t(len(k.Arguments))))
	return node, err
}

// Instantiate makes the graph ready to be launched; nothing can be added any more.
func (g *Graph) Instantiate() error {
	err := result(C.cuGraphInstantiateWithFlags(&g.exec, g.graph, 0))
	if freed := result(C.cuGraphDestroy(g.graph)); err == nil {
		err = freed
	}
	g.graph = nil
	if err != nil {
		return fmt.Errorf("instantiate graph: %w", err)
	}
	return nil
}

// Launch puts the graph on stream.
func (g *Graph) Launch(stream unsafe.Pointer) error { return result(C.cuGraphLaunch(g.exec, stream)) }

// Destroy frees the graph; what is under way completes.
func (g *Graph) Destroy() error {
	var failed []error
	if g.graph != nil {
		failed = append(failed, result(C.cuGraphDestroy(g.graph)))
	}
	if g.exec != nil {
		failed = append(failed, result(C.cuGraphExecDestroy(g.exec)))
	}
	*g = Graph{}
	return errors.Join(failed...)
}

// Pinned makes page-locked memory, which the GPU reads on its own; cu.MemFreeHost
// frees it.
func Pinned(bytes int) (unsafe.Pointer, error) {
	var memory unsafe.Pointer
	err := result(C.cuMemHostAlloc(&memory, C.size_t(bytes), 0))
	return memory, err
}
