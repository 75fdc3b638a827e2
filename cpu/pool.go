package cpu

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// pool runs the blocks of one operation at a time on a fixed set of threads:
// the caller and threads-1 goroutines.
type pool struct {
	workers []worker
	pause   func() // a moment
	spins   bool
	exited  sync.WaitGroup
	once    sync.Once

	// The operation under way.
	next    atomic.Int64
	running atomic.Int32  // helpers
	done    chan struct{} // to wake the caller
	n, size int
	job     job
}

// job is an operation whose blocks can run in any order and side by side. A job
// that its device keeps costs no allocation.
type job interface {
	run(w *worker, from, to int)
}

// worker is one thread's scratch. A block may use each slice once.
type worker struct {
	float32s []float32
	float64s []float64
	words    []uint32  // packed rows of a sum
	sums     []uint64  // a tile of sums
	words64  []uint64  // noise
	uniform  []float32 // random numbers
	edge     []float32 // packed rows of a product
	tile     []float32 // a tile of which only some rows exist
	bitmap   []uint8
	chacha   [12]uint32
	state    atomic.Uint32
	wake     chan struct{}
	_        [64]byte // keeps neighbours on separate cache lines
}

// The states of a helper's worker. Only the helper goes from waiting to asleep and
// from called to working, only the caller from either of the first to called, and
// back from there: it does not wait for a helper that has not begun.
const (
	waiting = iota
	asleep  // on wake
	called
	working
	dismissed
)

// spinTime is how long a thread looks for what it waits for before it sleeps: an
// operation follows the last within microseconds, and to wake a thread takes as
// long as many an operation.
const spinTime = 10 * time.Microsecond

// callerSleeps marks running while the caller sleeps on done.
const callerSleeps = 1 << 20

func newPool(threads int, pause func()) *pool {
	p := &pool{workers: make([]worker, threads), done: make(chan struct{}, 1), pause: pause}
	// Without a processor for each thread, one that spins would keep another from its work.
	p.spins = threads <= min(runtime.NumCPU(), runtime.GOMAXPROCS(0))
	p.exited.Add(threads - 1)
	for i := 1; i < threads; i++ {
		p.workers[i].wake = make(chan struct{}, 1)
		go p.help(&p.workers[i])
	}
	return p
}

func (p *pool) close() {
	p.once.Do(func() {
		for i := 1; i < len(p.workers); i++ {
			p.workers[i].send(dismissed)
		}
	})
	p.exited.Wait()
}

// send gives a helper its next state.
func (w *worker) send(state uint32) {
	if w.state.Swap(state) == asleep {
		w.wake <- struct{}{}
	}
}

func (p *pool) help(w *worker) {
	defer p.exited.Done()
	for p.await(w) {
		if !w.state.CompareAndSwap(called, working) {
			continue // the others were faster
		}
		p.work(w)
		w.state.Store(waiting) // before the caller can call again
		if p.running.Add(-1) == callerSleeps {
			p.done <- struct{}{}
		}
	}
}

// await waits for the worker's next state and reports whether it is to go on.
func (p *pool) await(w *worker) bool {
	if !p.spin(func() bool { return w.state.Load() != waiting }) && w.state.CompareAndSwap(waiting, asleep) {
		<-w.wake
	}
	return w.state.Load() != dismissed
}

// join sends back the helpers that have not begun and waits for the others.
func (p *pool) join(helpers int) {
	for i := range helpers {
		if p.workers[i+1].state.CompareAndSwap(called, waiting) {
			p.running.Add(-1)
		}
	}
	if !p.spin(func() bool { return p.running.Load() == 0 }) && p.running.Add(callerSleeps) != callerSleeps {
		<-p.done
	}
}

// spin waits for ready, which it returns, for at most spinTime.
func (p *pool) spin(ready func() bool) bool {
	const looks = 64 // at the condition for one at the clock
	if !p.spins {
		return ready()
	}
	for start := time.Now(); ; {
		for range looks {
			if ready() {
				return true
			}
			p.pause()
		}
		if time.Since(start) > spinTime {
			return false
		}
	}
}

// split runs the job's blocks [0, size), [size, 2·size) … up to n and returns
// when all are done. Which worker takes which block is left to chance, so a job
// must write to places of its own and not keep sums in its worker.
func (p *pool) split(n, size int, j job) {
	blocks := (n + size - 1) / size
	p.n, p.size, p.job = n, size, j
	p.next.Store(0)
	helpers := max(0, min(len(p.workers), blocks)-1)
	p.running.Store(int32(helpers))
	for i := range helpers {
		p.workers[i+1].send(called)
	}
	p.work(&p.workers[0])
	p.join(helpers)
	p.job = nil
}

// balanced is a size of blocks, a multiple of unit and at most most, that leaves
// the busiest thread with the least of n.
func (p *pool) balanced(n, most, unit int) int {
	best, least := most, n+most
	for size := most; size >= max(unit, most/2); size -= unit {
		blocks := (n + size - 1) / size
		if load := (blocks + len(p.workers) - 1) / len(p.workers) * size; load < least {
			best, least = size, load
		}
	}
	return best
}

func (p *pool) work(w *worker) {
	for {
		from := int(p.next.Add(1)-1) * p.size
		if from >= p.n {
			return
		}
		p.job.run(w, from, min(from+p.size, p.n))
	}
}
