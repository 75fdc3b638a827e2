package audit

import (
	"context"
	"testing"
)

// A crowd moves by more than the norm if it is summed in float32, by a plain host step,
// at any norm, and by no more if the sum has the bits that it needs.
func TestCrowdsSeeFloat32Sums(t *testing.T) {
	for name, m := range map[string]Mechanism{"float32 sums": planted{float32Sums}, "plain": planted{noBug}, "host step": hostMechanism{}} {
		for _, norm := range []float64{1, 0.01, 47} {
			config := selfTestConfig()
			config.MaxGradNorm = norm
			r, err := crowds(context.Background(), testAuditor(t, m, config))
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s, norm %g: %s", name, norm, r.Detail)
			if r.Passed != (name != "float32 sums") {
				t.Errorf("%s, norm %g: passed=%v: %s", name, norm, r.Passed, r.Detail)
			}
		}
	}
}
