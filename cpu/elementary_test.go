package cpu

import (
	"math"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// ulp is the distance between the float32 numbers around x.
func ulp(x float64) float64 {
	at := float32(math.Abs(x))
	return float64(math.Nextafter32(at, math.MaxFloat32)) - float64(at)
}

func TestNegLog(t *testing.T) {
	var x []float32
	for word := uint32(0); word < 1<<32-1<<18; word += 1 << 18 / 3 {
		x = append(x, device.UnitInterval(word))
	}
	x = append(x, device.UnitInterval(0), device.UnitInterval(math.MaxUint32), 1, 2, 16.5, 1e-30, 1e30)
	got := append([]float32(nil), x...)
	negLog(got)
	for i, v := range x {
		if want := -math.Log(float64(v)); math.Abs(float64(got[i])-want) > 2*ulp(want) {
			t.Errorf("negLog(%v) = %v, want %v", v, got[i], want)
		}
	}
}

func TestExp(t *testing.T) {
	for x := float32(0); x > -87; x -= 0.0137 {
		if got, want := float64(exp32(x)), math.Exp(float64(x)); math.Abs(got-want) > 2*ulp(want) {
			t.Errorf("exp(%v) = %v, want %v", x, got, want)
		}
	}
	if exp32(0) != 1 || exp32(-100) != 0 || exp32(float32(math.Inf(-1))) != 0 || exp32(float32(math.NaN())) == exp32(float32(math.NaN())) {
		t.Errorf("exp of 0, -100, -Inf, NaN = %v, %v, %v, %v", exp32(0), exp32(-100), exp32(float32(math.Inf(-1))), exp32(float32(math.NaN())))
	}
}
