package devicetest

import "github.com/dpgan/dpgan/device"

// testRecord: a program run three times does what three direct rounds of calls
// do, to the last bit, and nothing before it is run.
func testRecord(f *fixture) {
	f.loose = true
	type state struct {
		counter           device.Buffer
		x, w, y, dw       device.Matrix
		bias, db, average device.Vector
	}
	x, w, b := f.normal(33, 9, 1), f.normal(9, 5, 1), f.normal(1, 5, 1)[0]
	newState := func() state {
		return state{f.counter(1), f.put(x), f.put(w), f.hole(33, 5), f.put(constant(9, 5, 0)),
			f.putVector(b), f.putVector(make([]float64, 5)), f.putVector(make([]float64, 5))}
	}
	seed := f.counter(77)
	round := func(s state) {
		act := device.Activation{Kind: device.LeakyReLU, Dropout: 0.5, RNG: device.RNG{Seed: seed, Step: s.counter, Stream: 2}}
		f.d.LinearForward(s.y, s.x, s.w, s.bias, act)
		f.d.LinearBackwardWeights(s.dw, s.db, s.x, s.y)
		f.d.MovingAverage(s.average, s.db, 0.9)
		f.d.Increment(s.counter)
	}
	direct, replayed := newState(), newState()
	program := f.d.Record("rounds", func() { round(replayed) })
	count := make([]uint64, 1)
	if download(f, count, replayed.counter, 0); count[0] != 1 {
		f.Fatalf("counter = %d after Record, before Run", count[0])
	}
	for range 3 {
		round(direct)
		program.Run()
	}
	if download(f, count, replayed.counter, 0); count[0] != 4 {
		f.Errorf("counter = %d after three runs, want 4", count[0])
	}
	near(f.T, "y", f.get(replayed.y), f.get(direct.y), exact)
	near(f.T, "dw", f.get(replayed.dw), f.get(direct.dw), exact)
	near(f.T, "average", values{f.getVector(replayed.average)}, values{f.getVector(direct.average)}, exact)
}
