//go:build gpu

package cuda

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"unsafe"

	"github.com/dpgan/dpgan/device"
	"gorgonia.org/cu"
)

// candidate is one product made on memory of its own, by both sides.
type candidate struct {
	operation
	product
	allocated  []cu.DevicePtr
	numbers    cu.DevicePtr // that operands are made of
	begun, end cu.Event
}

// autotune measures the milliseconds that our kernel and cuBLAS take for products like p,
// with what follows. It waits for the GPU, and runs while a program is recorded too. An
// error tells that cuBLAS will not do.
func (o operation) autotune(p product) (own, library float64, err error) {
	recording := o.recording
	o.recording = nil
	defer func() { o.recording = recording }()
	c := candidate{operation: o, product: p}
	err = o.do(func() (err error) {
		if err = c.open(); err == nil {
			err = c.rowsEqual()
		}
		if err == nil {
			c.fill(c.left)
			library, err = c.time(func() error { return c.multiplyByCublas(c.product) })
		}
		if err == nil {
			own, err = c.time(func() error { c.product.own(c.out, c.left, c.right); return o.err })
		}
		return errors.Join(err, c.close())
	})
	return own, library, err
}

// open allocates operands that lie like those of the product.
func (c *candidate) open() (err error) {
	numbers := make([]float32, max(c.out.rows+c.out.cols, c.left.rows+c.left.cols, c.right.rows+c.right.cols))
	for i := range numbers {
		numbers[i] = device.Draw{}.Uniform(i) - 0.5
	}
	if c.numbers, err = c.allocFor(vector{n: len(numbers)}.extent(), 0); err != nil {
		return err
	}
	if err := c.upload(c.numbers, bytesOf(numbers)); err != nil {
		return err
	}
	for _, m := range []*matrix{&c.out, &c.left, &c.right} {
		if m.stride > math.MaxInt32/2 {
			return fmt.Errorf("stride %d: the rows lie too far apart", m.stride)
		}
		if m.address, err = c.allocFor(m.extent(), m.address%scratchAlign); err != nil {
			return err
		}
		c.fill(*m)
	}
	if c.begun, err = cu.MakeEvent(cu.DefaultEvent); err != nil {
		return err
	}
	c.end, err = cu.MakeEvent(cu.DefaultEvent)
	return err
}

func (c *candidate) allocFor(e extent, offset cu.DevicePtr) (cu.DevicePtr, error) {
	p, err := c.alloc(int64(e.to-e.from) + scratchAlign)
	if err != nil {
		return 0, err
	}
	c.allocated = append(c.allocated, p)
	return p + offset, nil
}

// fill makes element (i, j) of m number i+j.
func (c *candidate) fill(m matrix) { c.copy(m, matrix{c.numbers, m.rows, m.cols, 1}) }

func (c *candidate) copy(to, from matrix) {
	c.launchCopy(across(to.size()), to, from, to.rows, to.cols)
}

// rowsEqual tells whether cuBLAS makes equal rows of equal rows, to the bit, wherever they lie
// and if what lies between is not a number. Else a record that comes or goes, and shifts
// others, would change their gradients too, by as little as rounding does, but all of
// them: no clip bounds that. The order in which a kernel adds does not depend on the
// numbers, so one row shows it for all.
func (c *candidate) rowsEqual() error {
	line := matrix{rows: 1, cols: c.left.cols, stride: c.left.cols}
	poison := line
	for _, m := range []*matrix{&line, &poison} {
		var err error
		if m.address, err = c.allocFor(extent{0, cu.DevicePtr(4 * line.cols)}, 0); err != nil {
			return err
		}
	}
	c.fill(line)
	c.launchFill(across(poison.cols), vector{poison.address, poison.cols}, uint64(poison.cols), float32(math.NaN()))
	plain := c.product
	plain.epilogue = func(matrix) {}
	var want []float32
	for parity := range min(2, c.left.rows) {
		rows := c.left
		c.repeat(rows, poison)
		rows.address += cu.DevicePtr(4 * parity * rows.stride)
		rows.rows, rows.stride = (rows.rows+1-parity)/2, 2*rows.stride
		c.repeat(rows, line)
		if err := c.multiplyByCublas(plain); err != nil {
			return err
		}
		err := c.results(func(row int, got []float32) error {
			if want == nil {
				want = slices.Clone(got)
			}
			if row%2 == parity && !slices.Equal(got, want) { // nor is NaN equal to NaN
				return fmt.Errorf("row %d of %d differs from another of the same values", row, c.out.rows)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// results calls see with each row of out.
func (c *candidate) results(see func(row int, got []float32) error) error {
	if err := c.stream.Synchronize(); err != nil {
		return err
	}
	const most = 1 << 20 // floats at a time
	stride := c.out.stride
	chunk := max(1, most/stride)
	host := make([]float32, chunk*stride)
	for first := 0; first < c.out.rows; first += chunk {
		n := min(chunk, c.out.rows-first)
		floats := (n-1)*stride + c.out.cols
		if err := cu.MemcpyDtoH(unsafe.Pointer(&host[0]), c.out.address+cu.DevicePtr(4*first*stride), int64(4*floats)); err != nil {
			return err
		}
		for i := range n {
			if err := see(first+i, host[i*stride:i*stride+c.out.cols]); err != nil {
				return err
			}
		}
	}
	return nil
}

// repeat writes line to all rows of m.
func (c *candidate) repeat(m, line matrix) { c.copy(m, matrix{line.address, m.rows, m.cols, 0}) }

// time is the best of five runs, after one that may load what it needs.
func (c *candidate) time(call func() error) (float64, error) {
	if err := call(); err != nil {
		return 0, err
	}
	best := math.Inf(1)
	for range 5 {
		if err := errors.Join(c.begun.Record(c.stream), call(), c.end.Record(c.stream), c.end.Synchronize()); err != nil {
			return 0, err
		}
		elapsed, err := c.begun.Elapsed(c.end)
		if err != nil {
			return 0, err
		}
		best = min(best, elapsed)
	}
	return best, nil
}

func (c *candidate) close() error {
	failed := []error{c.stream.Synchronize()}
	for _, p := range c.allocated {
		failed = append(failed, c.free(p))
	}
	for _, e := range []cu.Event{c.begun, c.end} {
		if e != (cu.Event{}) {
			failed = append(failed, cu.DestroyEvent(&e))
		}
	}
	return errors.Join(failed...)
}
