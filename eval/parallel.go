package eval

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel calls work(0) … work(n−1) on all cores, each worker with a work
// function of its own from start, so that buffers are not shared. Results must
// not depend on the order. It returns ctx's error if it was cut short.
func parallel(ctx context.Context, n int, start func() func(i int)) error {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			work := start()
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				work(i)
			}
		})
	}
	workers.Wait()
	return ctx.Err()
}
