package devicetest

import (
	"github.com/dpgan/dpgan/device"
)

// records are the gradients of a batch, on the device and on the host.
type records struct {
	inputs, deltas []values
	layers         []device.LayerGradient
	size           int // of the parameter vector
}

// records places the layers' gradients with gaps between them, the biases first.
func (f *fixture) records(inputs, deltas []values) records {
	r := records{inputs: inputs, deltas: deltas, size: 3}
	for l := range inputs {
		k, n := len(inputs[l][0]), len(deltas[l][0])
		r.layers = append(r.layers, device.LayerGradient{Input: f.put(inputs[l]), Delta: f.put(deltas[l]), Bias: r.size, Weights: r.size + n + 2})
		r.size += n + 2 + k*n + 1
	}
	return r
}

// add is what record i adds, by device.ClipRecord.
func (r *records) add(sum []int64, i int, maxGradNorm float64) {
	var x, delta [][]float32
	for l := range r.layers {
		x, delta = append(x, narrow(r.inputs[l][i])), append(delta, narrow(r.deltas[l][i]))
	}
	a, s := device.ClipRecord(x, delta, maxGradNorm)
	for l, g := range r.layers {
		for j, v := range s[l] {
			sum[g.Bias+j] += int64(v) << device.InputBits
			for k, u := range a[l] {
				sum[g.Weights+k*len(s[l])+j] += int64(u) * int64(v)
			}
		}
	}
}

func narrow(v []float64) []float32 {
	out := make([]float32, len(v))
	for j, x := range v {
		out[j] = float32(x)
	}
	return out
}

// guard is what lies around sums.
const guard = 0xdead<<48 + 7

// putSums uploads sums; loose ones have something around them.
func (f *fixture) putSums(sums []int64) device.Vector {
	f.Helper()
	at := 0
	if f.loose {
		at = 5
	}
	host := make([]uint64, at+len(sums)+at)
	for i := range host {
		host[i] = guard
	}
	for i, s := range sums {
		host[at+i] = uint64(s)
	}
	b := f.alloc(device.Uint64, len(host))
	f.d.Upload(b, 0, host)
	return device.NewVector(b, at, len(sums))
}

// getSums downloads sums and checks what is around them.
func (f *fixture) getSums(v device.Vector) []int64 {
	f.Helper()
	host, sums := make([]uint64, v.Buffer.Len()), make([]int64, v.Len)
	download(f, host, v.Buffer, 0)
	for i, word := range host {
		if i >= v.Offset && i < v.Offset+v.Len {
			sums[i-v.Offset] = int64(word)
		} else if word != guard {
			f.Errorf("element %d beyond the sums was changed to %x", i, word)
		}
	}
	return sums
}

func (f *fixture) checkSums(name string, v device.Vector, want []int64) {
	f.Helper()
	for i, got := range f.getSums(v) {
		if got != want[i] {
			f.Fatalf("%s[%d] = %d, want %d", name, i, got, want[i])
		}
	}
}

// squares is the squared norm of integers.
func squares(sums []int64) (total int64) {
	for _, s := range sums {
		total += s * s
	}
	return total
}
