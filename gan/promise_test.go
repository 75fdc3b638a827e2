package gan

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/gan/marginal"
)

// What a run with keys from a seed spends is no finite ε: it is refused beside a ledger
// that others count on, and its own says so in its first line.
func TestInsecureRunsShareNoLedger(t *testing.T) {
	s, columns := quickSettings(t, marginal.ModePure, 5)
	s.Privacy.Ledger = filepath.Join(t.TempDir(), "table.jsonl")
	dev := cpu.New(1)
	defer dev.Close() //nolint:errcheck // nothing ran
	if _, err := NewTrainer(dev, s); err == nil || !strings.Contains(err.Error(), "privacy.ledger") || !strings.Contains(err.Error(), "insecure") {
		t.Errorf("an insecure run beside a table's ledger: %v", err)
	}
	for _, seed := range []*uint64{s.InsecureSeed, nil} {
		s, _ := quickSettings(t, marginal.ModePure, 5)
		s.InsecureSeed = seed
		mustTrain(t, s, columns)
		records, _, err := accounting.ReadLedger(filepath.Join(s.Directory, "ledger.jsonl"))
		if err != nil || records[0].Header.Insecure != (seed != nil) {
			t.Errorf("keys from a seed: %v, header %+v: %v", seed != nil, records[0].Header, err)
		}
	}
}

// The norm that gradients are clipped to does not change within a run.
func TestCheckpointsKeepTheStep(t *testing.T) {
	s, columns := quickSettings(t, marginal.ModePure, 12)
	interrupted(t, s, columns, pairsStep, 1)
	s.Resume = true
	s.Privacy.MaxGradNorm *= 2
	if _, err := train(t, context.Background(), s, columns); !errors.Is(err, ErrMismatch) || !strings.Contains(err.Error(), "max_grad_norm") {
		t.Errorf("resumed at another norm: %v", err)
	}
}

// Where what was discovered set up what followed, the model claims the total that the
// filter keeps, not what composition says that its releases cost.
func TestDiscoveringRunsClaimTheirTarget(t *testing.T) {
	for _, discovers := range []bool{false, true} {
		s, columns := quickSettings(t, marginal.ModePure, 8)
		if discovers {
			s.Privacy.RowCount, s.Privacy.Discovery.RowCount = dpsgd.RowCountDiscovered, 0.5
		}
		p := mustTrain(t, s, columns).Model.Privacy()
		if by := strings.HasPrefix(p.Rule, "filter"); by != discovers || (p.Epsilon == p.TargetEpsilon) != discovers || p.EpsilonPLD >= p.TargetEpsilon {
			t.Errorf("discovers: %v, but ε=%g of %g is claimed by %q, and releases cost %g", discovers, p.Epsilon, p.TargetEpsilon, p.Rule, p.EpsilonPLD)
		}
	}
}
