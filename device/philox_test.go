package device_test

import (
	"math"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// Vectors for philox4x32-10 from kat_vectors of Random123 1.14.
func TestPhilox4x32(t *testing.T) {
	for _, vector := range []struct {
		counter [4]uint32
		key     uint64
		want    [4]uint32
	}{
		{[4]uint32{}, 0, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{
			[4]uint32{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, 0xffffffffffffffff,
			[4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
		},
		{
			[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0x299f31d0a4093822,
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
		},
	} {
		if got := device.Philox4x32(vector.key, vector.counter); got != vector.want {
			t.Errorf("Philox4x32(%#x, %#x) = %#x, want %#x", vector.key, vector.counter, got, vector.want)
		}
	}
}

// The ends of the unit interval are never drawn: the logarithms of Gumbel and
// normal draws would be infinite.
func TestUnitInterval(t *testing.T) {
	last := float32(0)
	for _, word := range []uint32{0, 1 << 9, 1 << 20, 1 << 31, 0xfffffd00, 0xffffffff} {
		u := device.UnitInterval(word)
		if !(u > last && u < 1) {
			t.Errorf("UnitInterval(%#x) = %v, want more than %v and less than 1", word, u, last)
		}
		if want := (float64(word>>9) + 0.5) / (1 << 23); float64(u) != want {
			t.Errorf("UnitInterval(%#x) = %v, rounded from %v", word, u, want)
		}
		last = u
	}
}

// Number i of a stream depends on i, the seed, the step and the stream alone.
func TestDraw(t *testing.T) {
	base := device.Draw{Seed: 1, Step: 1 << 33, Stream: 2}
	for i := range 100 {
		word := device.Philox4x32(1, [4]uint32{uint32(i / 4), 2, 0, 2})[i%4]
		if got, want := base.Uniform(i), device.UnitInterval(word); got != want {
			t.Errorf("Uniform(%d) = %v, want %v", i, got, want)
		}
		u, v := float64(base.Uniform(i/2*2)), float64(base.Uniform(i/2*2+1))
		want := math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*v)
		if i%2 == 1 {
			want = math.Sqrt(-2*math.Log(u)) * math.Sin(2*math.Pi*v)
		}
		if got := float64(base.Normal(i)); math.Abs(got-want) > 1e-6 {
			t.Errorf("Normal(%d) = %v, want %v", i, got, want)
		}
	}
	for _, other := range []device.Draw{{2, 1 << 33, 2}, {1, 1<<33 + 1, 2}, {1, 1, 2}, {1, 1 << 33, 3}} {
		if other.Block(0) == base.Block(0) {
			t.Errorf("%+v draws what %+v draws", other, base)
		}
	}
}
