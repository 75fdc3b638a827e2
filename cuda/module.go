//go:build gpu

package cuda

import (
	_ "embed"
	"fmt"
	"strings"
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
	d.module, d.kernels = module, map[string]cu.Function{}
	for _, name := range entries(image) {
		if d.kernels[name], err = module.Function(name); err != nil {
			return fmt.Errorf("kernel %s: %w", name, err)
		}
	}
	return nil
}

// entries are the names of the kernels in PTX.
func entries(image string) []string {
	var names []string
	for _, part := range strings.Split(image, ".entry ")[1:] {
		name, _, _ := strings.Cut(part, "(")
		names = append(names, strings.TrimSpace(name))
	}
	return names
}

// grid is the number of blocks in each direction.
type grid struct{ x, y, z int }

// across is a grid of as many blocks as n threads fill.
func across(n, threads int) grid { return grid{ceil(n, threads), 1, 1} }

func ceil(n, of int) int { return (n + of - 1) / of }

// launch puts a kernel on the stream, or into the program that is recorded, behind
// what is pending, unless the grid is empty. Arguments are of the kernel's types: int
// for int, a matrix for its address and stride. A struct is all of the last arguments.
func (o operation) launch(kernel string, g grid, threads int, given ...any) {
	o.flush()
	if o.failed() || g.x <= 0 || g.y <= 0 || g.z <= 0 {
		return
	}
	a := arguments{words: make([]uint64, 0, len(given)+8)}
	for _, argument := range given {
		if err := a.add(argument, true); err != nil {
			o.fail("%s: kernel %s: %w", o.name, kernel, err)
			return
		}
	}
	function, ok := o.kernels[kernel]
	if !ok {
		o.fail("%s: kernel %s: not in the PTX; run make kernels", o.name, kernel)
		return
	}
	err := o.do(func() error {
		if p := o.recording; p != nil {
			// A cu.Function is a CUfunction, a pointer.
			return p.add(libcuda.Kernel{Function: *(*unsafe.Pointer)(unsafe.Pointer(&function)),
				Grid: [3]int{g.x, g.y, g.z}, Threads: threads, Arguments: a.words}, a.access)
		}
		pointers := make([]unsafe.Pointer, len(a.words))
		for i := range a.words {
			pointers[i] = unsafe.Pointer(&a.words[i])
		}
		return function.Launch(g.x, g.y, g.z, threads, 1, 1, 0, o.stream, pointers)
	})
	if err != nil {
		o.fail("%s: launch kernel %s with %v blocks: %w", o.name, kernel, g, err)
	}
}
