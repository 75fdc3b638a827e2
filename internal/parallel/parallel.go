// Package parallel shares independent pieces of work among the cores. Which core does
// which piece, and when, is left to chance; so results depend on neither only if each
// piece owns what it writes. It must not know what is computed.
package parallel

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// Each calls work(0) … work(n−1).
func Each(n int, work func(i int)) { _ = Until(context.Background(), n, work) }

// Until is Each, but begins no more pieces when ctx ends, whose error it returns.
func Until(ctx context.Context, n int, work func(i int)) error {
	return Workers(ctx, n, func() func(int) error {
		return func(i int) error { work(i); return nil }
	})
}

// Blocks calls work on [0, size), [size, 2·size) … up to n.
func Blocks(n, size int, work func(from, to int)) {
	Each((n+size-1)/size, func(b int) { work(b*size, min((b+1)*size, n)) })
}

// Workers calls work(0) … work(n−1), where each worker has a work of its own from start,
// so that it may keep buffers. After an error no more pieces are begun. The error is that
// of the least i that has one, however many cores there are: pieces are begun in order,
// and what is begun ends. If ctx ends first, the error is ctx's.
func Workers(ctx context.Context, n int, start func() (work func(i int) error)) error {
	var (
		next    atomic.Int64
		workers sync.WaitGroup
		mutex   sync.Mutex
		first   = n
		fault   error
	)
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			work := start()
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				err := work(i)
				if err == nil {
					continue
				}
				next.Store(int64(n))
				mutex.Lock()
				if i < first {
					first, fault = i, err
				}
				mutex.Unlock()
			}
		})
	}
	workers.Wait()
	if fault != nil {
		return fault
	}
	return ctx.Err()
}
