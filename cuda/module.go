//go:build gpu

package cuda

import (
	_ "embed"
	"fmt"
	"regexp"
	"strconv"
	"unsafe"

	"github.com/dpgan/dpgan/cuda/libcuda"
	"gorgonia.org/cu"
)

// The kernels for compute capability 7.0 and 8.0 and newer; make kernels writes them.
var (
	//go:embed ptx/sm_70.ptx
	volta string
	//go:embed ptx/sm_80.ptx
	ampere string
)

// kernel is a function on the GPU, with what its PTX says of it.
type kernel struct {
	function cu.Function
	words    int // of 8 bytes that its arguments take, each on its own, structs whole
	threads  int // of a block
}

// load compiles the kernels for the GPU (the driver keeps the result) and finds
// them all.
func (d *Device) load() error {
	image := ampere
	if d.gpu.Capability.below(tensorCapability) {
		image = volta
	}
	module, err := cu.LoadData(image)
	if err != nil {
		return fmt.Errorf("compile the kernels: %w: if the driver refuses the PTX, install a newer one", err)
	}
	d.module, d.kernels = module, entries(image)
	for name, k := range d.kernels {
		if k.function, err = module.Function(name); err != nil {
			return fmt.Errorf("kernel %s: %w", name, err)
		}
		d.kernels[name] = k
	}
	return nil
}

var (
	entry     = regexp.MustCompile(`\.entry (\w+)\(([^)]*)\)\s*\.maxntid (\d+),`)
	parameter = regexp.MustCompile(`\.param [^\[,]*(?:\[(\d+)\])?`)
)

// entries are the kernels in PTX, without their functions.
func entries(image string) map[string]kernel {
	kernels := map[string]kernel{}
	for _, found := range entry.FindAllStringSubmatch(image, -1) {
		var k kernel
		k.threads, _ = strconv.Atoi(found[3]) // digits
		for _, p := range parameter.FindAllStringSubmatch(found[2], -1) {
			bytes, _ := strconv.Atoi(p[1]) // of a struct
			k.words += max(1, ceil(bytes, 8))
		}
		kernels[found[1]] = k
	}
	return kernels
}

// grid is the number of blocks in each direction or, if threads is set, as many as
// so many threads fill.
type grid struct{ x, y, z, threads int }

// across is a grid of n threads, warps of n warps, blocks of n blocks.
func across(n int) grid { return grid{threads: n} }
func warps(n int) grid  { return across(32 * n) }
func blocks(n int) grid { return grid{x: n, y: 1, z: 1} }

func ceil(n, of int) int { return (n + of - 1) / of }

// launch puts a kernel on the stream, or into the program that is recorded, behind
// what is deferred, unless the grid is empty. Only the functions in launches.go call it.
func (o operation) launch(name string, g grid, a *arguments) {
	o.flush()
	if o.failed() {
		return
	}
	k, known := o.kernels[name]
	if g.threads > 0 {
		g = blocks(ceil(g.threads, max(k.threads, 1)))
	}
	switch {
	case g.x <= 0 || g.y <= 0 || g.z <= 0:
		return
	case !known:
		o.fail("%s: kernel %s: not in the PTX; run make kernels", o.name, name)
		return
	case a.err == nil && len(a.words) != k.words:
		a.err = fmt.Errorf("%d words of arguments: the PTX has %d", len(a.words), k.words)
	}
	if a.err != nil {
		o.fail("%s: kernel %s: %w", o.name, name, a.err)
		return
	}
	if err := o.do(func() error { return o.enqueue(k, g, a) }); err != nil {
		o.fail("%s: launch kernel %s with %v blocks: %w", o.name, name, g, err)
	}
}

// enqueue is launch for a kernel that there is. The context must be current.
func (o operation) enqueue(k kernel, g grid, a *arguments) error {
	if p := o.recording; p != nil {
		// A cu.Function is a CUfunction, a pointer.
		return p.add(libcuda.Kernel{Function: *(*unsafe.Pointer)(unsafe.Pointer(&k.function)),
			Grid: [3]int{g.x, g.y, g.z}, Threads: k.threads, Arguments: a.words}, a.access)
	}
	pointers := make([]unsafe.Pointer, len(a.words))
	for i := range a.words {
		pointers[i] = unsafe.Pointer(&a.words[i])
	}
	return k.function.Launch(g.x, g.y, g.z, k.threads, 1, 1, 0, o.stream, pointers)
}
