package bench

import (
	"time"

	"github.com/dpgan/dpgan/device"
)

// peak is a product of large matrices, through the contract: y = x·w with all
// three [n, n]. It is what a device reaches in practice, below what its data
// sheet says.
type peak struct {
	contender
	flops float64
}

// newPeak doubles n until a product takes a few milliseconds, so that no launch
// or thread start shows.
func newPeak(dev device.Device, quick bool) (peak, error) {
	enough := 4 * time.Millisecond
	if quick {
		enough = 0
	}
	for n := 512; ; n *= 2 {
		p, err := newProduct(dev, n)
		if err != nil {
			return peak{}, err
		}
		p.run() // warms up
		if err := p.sync(); err != nil {
			return peak{}, err
		}
		start := time.Now()
		p.run()
		if err := p.sync(); err != nil {
			return peak{}, err
		}
		if time.Since(start) >= enough || n >= 8192 {
			return p, nil
		}
	}
}

func newProduct(dev device.Device, n int) (peak, error) {
	a := allocator{meter: &meter{Device: dev}}
	x, w, y, b := a.filled(n, n), a.filled(n, n), a.matrix(n, n), a.vector(n)
	if a.err != nil {
		return peak{}, a.err
	}
	program := dev.Record("peak", func() { dev.LinearForward(y, x, w, b, device.Activation{}) })
	return peak{contender{mode: "peak", run: program.Run, sync: dev.Sync}, 2 * float64(n) * float64(n) * float64(n)}, nil
}

// against compares with the peak of the same rounds.
func (r *Row) against(top peak, rounds timing) {
	if r.GFLOPS == 0 {
		return
	}
	r.PeakGFLOPS = top.flops / rounds.median() / 1e9
	r.PeakShare = r.GFLOPS / r.PeakGFLOPS
}
