package devicetest

import (
	"errors"
	"math"
	"slices"

	"github.com/dpgan/dpgan/device"
)

// testBuffers: buffers start at zero and keep what is uploaded, wherever.
func testBuffers(f *fixture) {
	if f.d.Name() == "" {
		f.Error("Name is empty")
	}
	floats := f.alloc(device.Float32, 1000)
	if floats.Len() != 1000 || floats.Kind() != device.Float32 {
		f.Errorf("buffer is [%d] of kind %d, want [1000] of Float32", floats.Len(), floats.Kind())
	}
	host := make([]float32, 1000)
	host[3] = 1
	download(f, host, floats, 0)
	if slices.ContainsFunc(host, func(x float32) bool { return x != 0 }) {
		f.Error("a new buffer is not zero")
	}
	f.d.Upload(floats, 997, []float32{1, float32(math.Inf(1)), -0.5})
	part := make([]float32, 4)
	download(f, part, floats, 996)
	if want := []float32{0, 1, float32(math.Inf(1)), -0.5}; !slices.Equal(part, want) {
		f.Errorf("elements from 996 on are %v, want %v", part, want)
	}
	words, counters := f.alloc(device.Uint32, 3), f.alloc(device.Uint64, 2)
	f.d.Upload(words, 1, []uint32{math.MaxUint32, 7})
	f.d.Upload(counters, 0, []uint64{math.MaxUint64, 1 << 40})
	gotWords, gotCounters := make([]uint32, 3), make([]uint64, 2)
	download(f, gotWords, words, 0)
	download(f, gotCounters, counters, 0)
	if !slices.Equal(gotWords, []uint32{0, math.MaxUint32, 7}) || !slices.Equal(gotCounters, []uint64{math.MaxUint64, 1 << 40}) {
		f.Errorf("downloaded %v and %v", gotWords, gotCounters)
	}
	empty := f.alloc(device.Float32, 0)
	download(f, []float32{}, empty, 0)
	var short *device.MemoryError
	if _, err := f.d.Alloc(device.Float32, 1<<58); !errors.As(err, &short) || short.Requested != 1<<60 {
		f.Errorf("Alloc of 2^60 bytes gives %v, want a *MemoryError that says so", err)
	}
}

func download[T any](f *fixture, dst []T, src device.Buffer, offset int) {
	f.Helper()
	if err := f.d.Download(dst, src, offset); err != nil {
		f.Fatalf("Download: %v", err)
	}
}
