package learn

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel calls work(0) … work(n−1) on all cores. Each call owns what it writes.
func parallel(n int, work func(i int)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				work(i)
			}
		})
	}
	workers.Wait()
}
