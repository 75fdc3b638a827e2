package cpu

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// Uniforms are those of device.Draw to the last bit, from any number on, also
// where the block number wraps.
func TestUniforms(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, k := range append(vectorKernels(), &generic) {
		var scratch []float32
		for _, n := range kernelLengths {
			draw := device.Draw{Seed: random.Uint64(), Step: random.Uint64(), Stream: random.Uint32()}
			for _, first := range []int{0, 1, 6, 4*math.MaxUint32 - 8} {
				for j, u := range k.uniforms(&scratch, draw, first, n) {
					if want := draw.Uniform(first + j); u != want {
						t.Fatalf("%s: uniform %d of %+v = %v, want %v", k.name, first+j, draw, u, want)
					}
				}
			}
		}
	}
}

// Privacy noise is device.RoundedNoise to the last bit, but for what is left
// undecided, seldom where float64 has digits for a fraction.
func TestNoise(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, k := range append(vectorKernels(), &generic) {
		for _, sigma := range []float64{3, 0x1p13, 0x1p23, 0x1p30} {
			var state [12]uint32
			for i := range state {
				state[i] = random.Uint32()
			}
			state[8], state[9] = math.MaxUint32-20, state[9]%device.NoiseStreams
			key, step := (*[8]uint32)(state[:8]), uint64(state[10])|uint64(state[11])<<32
			dst := fenced[uint64](t, 64*100)
			left, open := 0, k.noise(dst, &state, sigma)
			for b := range uint32(len(dst) / 8) {
				for i, want := range device.RoundedNoise(key, state[9], step, state[8]+b, sigma) {
					if got := dst[8*int(b)+i]; got == undecided {
						left++
					} else if int64(got) != int64(want) {
						t.Fatalf("%s: sigma %v: draw %d of block %d = %d, want %v", k.name, sigma, i, b, int64(got), want)
					}
				}
			}
			if (left > 0) != (open != 0) {
				t.Errorf("%s: sigma %v: %d draws are undecided, the kernel says %x", k.name, sigma, left, open)
			}
			if left > len(dst)/1000 {
				t.Errorf("%s: sigma %v: %d of %d draws are undecided", k.name, sigma, left, len(dst))
			}
		}
	}
}

// The errors that the kernels state, over the whole unit interval.
func TestElementaryKernels(t *testing.T) {
	for _, k := range append(vectorKernels(), &generic) {
		const n = 1 << 16
		u, logits := make([]float32, n), make([]float32, n)
		for i := range u {
			u[i] = device.UnitInterval(uint32(i) << 16)
		}
		u[n-1] = device.UnitInterval(math.MaxUint32)
		uniform := twin(u)
		k.gumbel(u, logits)
		for i, v := range uniform {
			if want := -math.Log(-math.Log(float64(v))); math.Abs(float64(u[i])-want) > 4*ulp(want)+2.5e-7 {
				t.Fatalf("%s: gumbel(%v) = %v, want %v", k.name, v, u[i], want)
			}
		}
		x := []float32{0, -87.5, float32(math.Inf(-1)), float32(math.NaN()), -1e-3, -1, -86.9}
		arguments := twin(x)
		k.exp(x)
		for i, v := range arguments {
			want := math.Exp(float64(v))
			if v < -87 {
				want = 0
			}
			if got := float64(x[i]); math.Abs(got-want) > 2*ulp(want) || math.IsNaN(got) != math.IsNaN(want) {
				t.Errorf("%s: exp(%v) = %v, want %v", k.name, v, got, want)
			}
		}
	}
}
