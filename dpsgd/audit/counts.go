package audit

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// CountRelease is a kind of noisy counts that a run makes.
type CountRelease struct {
	Name            string  `json:"name"` // such as 1-way tables
	Count           int     `json:"count"`
	NoiseMultiplier float64 `json:"noise_multiplier"`
	// Scores is set if each is a score, a distance of a table to an expected one.
	Scores bool `json:"scores,omitempty"`
	// Chosen is set if fewer than Count may be made, with less noise each.
	Chosen bool `json:"chosen,omitempty"`
}

// event is what count of the releases cost at noise times their noise multiplier.
func (r CountRelease) event(count int, noise float64) accounting.Event {
	return accounting.Event{Mechanism: accounting.Gaussian, NoiseMultiplier: r.NoiseMultiplier * noise, Count: count}
}

// CountsConfig is what the counts of a run are audited at.
type CountsConfig struct {
	Releases []CountRelease
	Delta    float64
	Effort   Effort
	Seed     *uint64
	Observe  func(check string)
}

// validate reports every value that no run can have.
func (c *CountsConfig) validate() error {
	var errs []error
	for _, r := range c.Releases {
		if r.Count < 1 || !(r.NoiseMultiplier >= 1e-3) || math.IsInf(r.NoiseMultiplier, 1) {
			errs = append(errs, fmt.Errorf("audit: %s: count=%d, noise_multiplier=%v: must be at least 1, and 0.001 and finite", r.Name,
				r.Count, r.NoiseMultiplier))
		}
	}
	if len(c.Releases) == 0 || !(c.Delta > 0 && c.Delta < 1) {
		errs = append(errs, fmt.Errorf("audit: %d kinds of counts, delta=%v: must be at least one, and between 0 and 1", len(c.Releases),
			c.Delta))
	}
	return errors.Join(errs...)
}

// CountMechanism is what releases counts: the real gate, or one with a planted bug.
type CountMechanism interface {
	Release(Counts) (Counted, error)
}

// Counts are what is asked of a table of one column.
type Counts struct {
	Records         []uint32 // the cell that each record is in
	Cells           int
	Times           int // tables, or scores, of one release
	NoiseMultiplier float64
	// Expected [Cells], if set, makes each release a score, in place of a table.
	Expected []int64
	// Epsilon is what may be spent.
	Epsilon float64
	// Seed, if not nil, fixes the noise.
	Seed *uint64
}

// Counted is the answer.
type Counted struct {
	// Values are [Times][Cells], or [Times][1] of scores; nil if it was refused.
	Values [][]float64
	// Charged is what the ledger has of it afterwards, Before whether the disk had it
	// when the expected counts were asked for.
	Charged []accounting.Event
	Before  bool
}

type countAuditor struct {
	auditor
	releases  []CountRelease
	mechanism CountMechanism
}

// countChecks are all questions about counts.
func countChecks() []checkOf[*countAuditor] {
	return []checkOf[*countAuditor]{
		{"counts", countSensitivity}, {"charge", charge}, {"choice", choice}, {"count keys", countKeys}, {"count noise", countNoise},
		{"a count in two worlds", twoWorldsOfCounts}, {"one run of counts", oneRunOfCounts},
	}
}

// RunCounts audits the noisy counts of a run. A failed check is part of the report.
func RunCounts(ctx context.Context, m CountMechanism, config CountsConfig) (*Report, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	seeds, err := newAuditor(nil, Config{Delta: config.Delta, Effort: config.Effort, Seed: config.Seed})
	if err != nil {
		return nil, err
	}
	a := &countAuditor{auditor: *seeds, releases: config.Releases, mechanism: m}
	return runChecks(ctx, newCountsReport(config), countChecks(), a, config.Observe)
}

// unlimitedEpsilon pays for whatever an audit asks.
const unlimitedEpsilon = 1e12

// leastNoise is the release of the least noise.
func (a *countAuditor) leastNoise() CountRelease {
	least := a.releases[0]
	for _, r := range a.releases {
		if r.NoiseMultiplier < least.NoiseMultiplier {
			least = r
		}
	}
	return least
}
