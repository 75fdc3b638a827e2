package exact

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// Against float64, and by identities that hold to all but 32 of the digits: exp squares
// sixteen times.
func TestFunctions(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	close := func(name string, got, want *big.Float) {
		t.Helper()
		if difference := Real(0).Sub(got, want); difference.Sign() != 0 && difference.MantExp(nil) > want.MantExp(nil)-digits+32 {
			t.Errorf("%s: %.30g, want %.30g", name, got, want)
		}
	}
	for range 50 {
		x, y := random.Float64(), random.Float64()
		u, v := Real(x), Real(y)
		if f, _ := NegLog(u).Float64(); math.Abs(f+math.Log(x)) > 1e-14*(1+math.Abs(f)) {
			t.Errorf("-ln %g = %g", x, f)
		}
		close("-ln uv", NegLog(Real(0).Mul(u, v)), Real(0).Add(NegLog(u), NegLog(v)))
		sin, cos := Turn(u, true), Turn(u, false)
		if f, _ := sin.Float64(); math.Abs(f-math.Sin(2*math.Pi*x)) > 1e-14 {
			t.Errorf("sin 2π%g = %g", x, f)
		}
		close("sin² + cos²", Real(0).Add(sin.Mul(sin, sin), Real(0).Mul(cos, cos)), Real(1))
	}
	close("-ln of next to nothing", NegLog(Real(0x1p-1000)), Real(0).Mul(Real(1000), NegLog(Real(0.5))))
}
