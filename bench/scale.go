package bench

import (
	"errors"
	"runtime"
	"slices"

	"github.com/dpgan/dpgan/device"
)

// cpuScale times the private step on several numbers of threads in the same
// rounds, each on a device of its own.
func cpuScale(r *runner) error {
	w := r.stepWork(r.cfg.shapes(shape{4096, 400, false})[0], private)
	if !r.target.Host {
		w.build = func(allocator) ([]contender, error) {
			return nil, skipped("%s takes no number of threads", r.target.Name)
		}
		return r.time(w)
	}
	counts := r.cfg.Threads
	if len(counts) == 0 {
		counts = powersOfTwo(runtime.NumCPU())
	}
	counts = slices.Compact(slices.Sorted(slices.Values(counts)))
	w.bytes *= int64(len(counts))
	return r.emitted(w, func() ([]Row, error) { return r.scale(w, counts) })
}

// powersOfTwo are 1, 2, 4 … below n, and n.
func powersOfTwo(n int) []int {
	var counts []int
	for k := 1; k < n; k *= 2 {
		counts = append(counts, k)
	}
	return append(counts, n)
}

func (r *runner) scale(w work, counts []int) (rows []Row, err error) {
	if err := fits(w.bytes); err != nil {
		return nil, err
	}
	var list []contender
	var tops []peak
	var devices []*meter
	defer func() {
		for _, dev := range devices {
			err = errors.Join(err, dev.Close())
		}
	}()
	bytes := make([]int64, len(counts))
	for i, threads := range counts {
		dev, err := r.target.Open(threads)
		if err != nil {
			return nil, err
		}
		m := &meter{Device: dev}
		devices = append(devices, m)
		step, err := w.build(allocator{meter: m})
		if err != nil {
			return nil, err
		}
		bytes[i] = m.bytes
		top, err := newPeak(dev, r.cfg.Quick)
		if err != nil {
			return nil, err
		}
		list, tops = append(list, step[0], top.contender), append(tops, top)
	}
	timings, err := r.cfg.pacing().interleave(r.ctx, list)
	if err != nil {
		return nil, err
	}
	for i, threads := range counts {
		row := r.row(w, private)
		row.Threads, row.Bytes = threads, bytes[i]
		row.describe(device.Device(devices[i]), timings[2*i], w.flops)
		row.against(tops[i], timings[2*i+1])
		row.Speedup = timings[0].over(timings[2*i])
		rows = append(rows, row)
	}
	return rows, nil
}
