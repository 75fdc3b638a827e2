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

// trial is one product made on memory of its own, by both sides.
type trial struct {
	operation
	product
	claimed    []cu.DevicePtr
	numbers    cu.DevicePtr // that operands are made of
	begun, end cu.Event
}

// compete measures the milliseconds that our kernel and cuBLAS take for products like p,
// with what follows. It waits for the GPU, and runs while a program is recorded too. An
// error tells that cuBLAS will not do.
func (o operation) compete(p product) (own, library float64, err error) {
	recording := o.recording
	o.recording = nil
	defer func() { o.recording = recording }()
	t := trial{operation: o, product: p}
	err = o.do(func() (err error) {
		if err = t.open(); err == nil {
			err = t.even()
		}
		if err == nil {
			t.fill(t.left)
			library, err = t.time(func() error { return t.borrow(t.product) })
		}
		if err == nil {
			own, err = t.time(func() error { t.product.own(t.out, t.left, t.right); return o.err })
		}
		return errors.Join(err, t.close())
	})
	return own, library, err
}

// open claims operands that lie like those of the product.
func (t *trial) open() (err error) {
	numbers := make([]float32, max(t.out.rows+t.out.cols, t.left.rows+t.left.cols, t.right.rows+t.right.cols))
	for i := range numbers {
		numbers[i] = device.Draw{}.Uniform(i) - 0.5
	}
	if t.numbers, err = t.claimFor(vector{n: len(numbers)}.extent(), 0); err != nil {
		return err
	}
	if err := t.upload(t.numbers, bytesOf(numbers)); err != nil {
		return err
	}
	for _, m := range []*matrix{&t.out, &t.left, &t.right} {
		if m.stride > math.MaxInt32/2 {
			return fmt.Errorf("stride %d: the rows lie too far apart", m.stride)
		}
		if m.address, err = t.claimFor(m.extent(), m.address%scratchAlign); err != nil {
			return err
		}
		t.fill(*m)
	}
	if t.begun, err = cu.MakeEvent(cu.DefaultEvent); err != nil {
		return err
	}
	t.end, err = cu.MakeEvent(cu.DefaultEvent)
	return err
}

func (t *trial) claimFor(e extent, offset cu.DevicePtr) (cu.DevicePtr, error) {
	p, err := t.claim(int64(e.to-e.from) + scratchAlign)
	if err != nil {
		return 0, err
	}
	t.claimed = append(t.claimed, p)
	return p + offset, nil
}

// fill makes element (i, j) of m number i+j.
func (t *trial) fill(m matrix) { t.copy(m, matrix{t.numbers, m.rows, m.cols, 1}) }

func (t *trial) copy(to, from matrix) {
	t.launch("copy", across(to.size(), 256), 256, to, read{from}, to.rows, to.cols)
}

// even tells whether cuBLAS makes equal rows of equal rows, to the bit, wherever they lie
// and if what lies between is not a number. Else a record that comes or goes, and shifts
// others, would change their gradients too, by as little as rounding does, but all of
// them: no clip bounds that. The order in which a kernel adds does not depend on the
// numbers, so one row shows it for all.
func (t *trial) even() error {
	line := matrix{rows: 1, cols: t.left.cols, stride: t.left.cols}
	poison := line
	for _, m := range []*matrix{&line, &poison} {
		var err error
		if m.address, err = t.claimFor(extent{0, cu.DevicePtr(4 * line.cols)}, 0); err != nil {
			return err
		}
	}
	t.fill(line)
	t.launch("fill", across(poison.cols, 256), 256, vector{poison.address, poison.cols}, uint64(poison.cols), float32(math.NaN()))
	plain := t.product
	plain.rest = func(matrix) {}
	var want []float32
	for parity := range min(2, t.left.rows) {
		rows := t.left
		t.repeat(rows, poison)
		rows.address += cu.DevicePtr(4 * parity * rows.stride)
		rows.rows, rows.stride = (rows.rows+1-parity)/2, 2*rows.stride
		t.repeat(rows, line)
		if err := t.borrow(plain); err != nil {
			return err
		}
		err := t.results(func(row int, got []float32) error {
			if want == nil {
				want = slices.Clone(got)
			}
			if row%2 == parity && !slices.Equal(got, want) { // nor is NaN equal to NaN
				return fmt.Errorf("row %d of %d differs from another of the same values", row, t.out.rows)
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
func (t *trial) results(see func(row int, got []float32) error) error {
	if err := t.stream.Synchronize(); err != nil {
		return err
	}
	const most = 1 << 20 // floats at a time
	stride := t.out.stride
	chunk := max(1, most/stride)
	host := make([]float32, chunk*stride)
	for first := 0; first < t.out.rows; first += chunk {
		n := min(chunk, t.out.rows-first)
		floats := (n-1)*stride + t.out.cols
		if err := cu.MemcpyDtoH(unsafe.Pointer(&host[0]), t.out.address+cu.DevicePtr(4*first*stride), int64(4*floats)); err != nil {
			return err
		}
		for i := range n {
			if err := see(first+i, host[i*stride:i*stride+t.out.cols]); err != nil {
				return err
			}
		}
	}
	return nil
}

// repeat writes line to all rows of m.
func (t *trial) repeat(m, line matrix) { t.copy(m, matrix{line.address, m.rows, m.cols, 0}) }

// time is the best of five runs, after one that may load what it needs.
func (t *trial) time(call func() error) (float64, error) {
	if err := call(); err != nil {
		return 0, err
	}
	best := math.Inf(1)
	for range 5 {
		if err := errors.Join(t.begun.Record(t.stream), call(), t.end.Record(t.stream), t.end.Synchronize()); err != nil {
			return 0, err
		}
		elapsed, err := t.begun.Elapsed(t.end)
		if err != nil {
			return 0, err
		}
		best = min(best, elapsed)
	}
	return best, nil
}

func (t *trial) close() error {
	failed := []error{t.stream.Synchronize()}
	for _, p := range t.claimed {
		failed = append(failed, t.vacate(p))
	}
	for _, e := range []cu.Event{t.begun, t.end} {
		if e != (cu.Event{}) {
			failed = append(failed, cu.DestroyEvent(&e))
		}
	}
	return errors.Join(failed...)
}
