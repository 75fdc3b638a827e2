package dpsgd

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// A run that discovers anything at all draws on a filter, which keeps a part of δ for
// selections: one of more than that is refused, and covered where releases are fixed.
func TestRunsThatDiscoverDrawOnAFilter(t *testing.T) {
	for name, c := range map[string]struct {
		discovery DiscoveryConfig
		admitted  bool
	}{
		"nothing":    {DiscoveryConfig{}, true},
		"bounds":     {DiscoveryConfig{Bounds: 0.1}, false},
		"edges":      {DiscoveryConfig{Edges: 0.1}, false},
		"categories": {DiscoveryConfig{Categories: 0.1}, false},
		"missing":    {DiscoveryConfig{Missing: 0.1}, false},
		"row count":  {DiscoveryConfig{RowCount: 0.1}, false},
	} {
		config := DefaultConfig()
		config.Discovery = c.discovery
		b := openTestBudget(t, config, "run", filepath.Join(t.TempDir(), "ledger.jsonl"))
		err := b.Charge(accounting.Event{Mechanism: accounting.PartitionSelection, Delta: 1.5 * runReserve * config.TargetDelta, Count: 1})
		if (err == nil) != c.admitted || err != nil && !errors.Is(err, ErrBudget) {
			t.Errorf("%s discovered: %v", name, err)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
