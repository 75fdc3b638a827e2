package cpu

import (
	"sync"
	"sync/atomic"
)

// pool runs the blocks of one operation at a time on a fixed set of threads:
// the caller and threads-1 goroutines.
type pool struct {
	workers []worker
	wake    chan int // index of the worker that shall help
	idle    sync.WaitGroup
	exited  sync.WaitGroup
	once    sync.Once

	// The operation under way.
	next    atomic.Int64
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
	uniform  []float32 // random numbers
	edge     []float32 // packed rows of a product
	tile     []float32 // a tile of which only some rows exist
	bitmap   []uint8
	chacha   [12]uint32
	_        [64]byte // keeps neighbours on separate cache lines
}

func newPool(threads int) *pool {
	p := &pool{workers: make([]worker, threads), wake: make(chan int, threads)}
	p.exited.Add(threads - 1)
	for range threads - 1 {
		go p.help()
	}
	return p
}

func (p *pool) close() {
	p.once.Do(func() { close(p.wake) })
	p.exited.Wait()
}

func (p *pool) help() {
	defer p.exited.Done()
	for i := range p.wake {
		p.work(&p.workers[i])
		p.idle.Done()
	}
}

// split runs the job's blocks [0, size), [size, 2·size) … up to n and returns
// when all are done. Which worker takes which block is left to chance, so a job
// must write to places of its own and not keep sums in its worker.
func (p *pool) split(n, size int, j job) {
	blocks := (n + size - 1) / size
	p.n, p.size, p.job = n, size, j
	p.next.Store(0)
	helpers := min(len(p.workers), blocks) - 1
	if helpers > 0 {
		p.idle.Add(helpers)
		for i := range helpers {
			p.wake <- i + 1
		}
	}
	p.work(&p.workers[0])
	p.idle.Wait()
	p.job = nil
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
