package parallel

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
)

// onCores runs test with several numbers of cores.
func onCores(t *testing.T, test func(t *testing.T)) {
	for _, cores := range []int{1, 2, 7} {
		t.Run(fmt.Sprint(cores), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
			test(t)
		})
	}
}

func TestEachPieceOnce(t *testing.T) {
	onCores(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 2, 1000} {
			calls := make([]int, n)
			Each(n, func(i int) { calls[i]++ })
			if want := slices.Repeat([]int{1}, n); !slices.Equal(calls, want) {
				t.Errorf("n = %d: calls of each piece %v", n, calls)
			}
		}
	})
}

func TestBlocksPartTheWhole(t *testing.T) {
	onCores(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 9, 10, 11, 100} {
			const size = 10
			to := make([]int, (n+size-1)/size)
			Blocks(n, size, func(from, end int) { to[from/size] = end })
			for b, end := range to {
				if want := min((b+1)*size, n); end != want {
					t.Errorf("n = %d: block %d ends at %d: want %d", n, b, end, want)
				}
			}
		}
	})
}

func TestWorkersKeepTheirBuffers(t *testing.T) {
	onCores(t, func(t *testing.T) {
		const n = 1000
		var starts atomic.Int64
		out := make([]int, n)
		err := Workers(t.Context(), n, func() func(int) error {
			starts.Add(1)
			buffer := 0 // the race detector sees whether workers share it
			return func(i int) error {
				buffer = i
				runtime.Gosched()
				out[i] = buffer
				return nil
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, got := range out {
			if got != i {
				t.Fatalf("piece %d got the buffer of %d", i, got)
			}
		}
		if most := int64(runtime.GOMAXPROCS(0)); starts.Load() > most {
			t.Errorf("%d workers on %d cores", starts.Load(), most)
		}
	})
}

func TestErrorIsThatOfTheFirstPiece(t *testing.T) {
	onCores(t, func(t *testing.T) {
		const n, least = 100_000, 30
		var done atomic.Int64
		err := Workers(t.Context(), n, func() func(int) error {
			return func(i int) error {
				done.Add(1)
				if i < least {
					return nil
				}
				if i == least { // comes last
					for range 100 {
						runtime.Gosched()
					}
				}
				return fmt.Errorf("piece %d", i)
			}
		})
		if err == nil || err.Error() != fmt.Sprintf("piece %d", least) {
			t.Errorf("error %v: want that of piece %d", err, least)
		}
		// At worst each other worker has begun one piece more before it fails.
		if most := int64(least + runtime.GOMAXPROCS(0)); done.Load() > most {
			t.Errorf("%d pieces done: want at most %d after a failure", done.Load(), most)
		}
	})
}

func TestWorkersEndWithTheirContext(t *testing.T) {
	onCores(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		const n = 100_000
		var done atomic.Int64
		err := Workers(ctx, n, func() func(int) error {
			return func(int) error {
				if done.Add(1) == 10 {
					cancel()
				}
				return nil
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v: want %v", err, context.Canceled)
		}
		if done.Load() == n {
			t.Error("all pieces are done after the context's end")
		}
	})
}
