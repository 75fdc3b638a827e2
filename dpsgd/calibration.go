package dpsgd

import (
	"errors"
	"fmt"
	"math"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// leastShare is the share of its limit that a run must find unspent to begin:
// with less, noise would drown all that it learns, and the release of nothing
// would still be charged.
const leastShare = 0.01

// Releases are what a run will release, and how it splits its budget.
type Releases struct {
	// Of the one Gaussian that would spend all that is left, shares of 1/σ² are taken
	// by Cuts fine tables, by which numbers are cut, OneWay 1-way tables, TargetTables
	// tables of the target with another column, Scores of candidates, by which tables
	// are chosen, and Tables of two or three columns at the most.
	Cuts              int     `json:"cuts,omitempty"`
	CutsShare         float64 `json:"cuts_share,omitempty"`
	OneWay            int     `json:"one_way"`
	OneWayShare       float64 `json:"one_way_share"`
	TargetTables      int     `json:"target_tables,omitempty"`
	TargetTablesShare float64 `json:"target_tables_share,omitempty"`
	Scores            int     `json:"scores,omitempty"`
	ScoresShare       float64 `json:"scores_share,omitempty"`
	Tables            int     `json:"tables"`
	TablesShare       float64 `json:"tables_share"`
	// Steps at SampleRate take the rest; 0 takes none.
	SampleRate float64 `json:"sample_rate"`
	Steps      int     `json:"steps"`
}

// Calibration is the noise with which the releases of a run fit its budget.
type Calibration struct {
	CutsNoise         float64 `json:"cuts_noise,omitempty"` // on a count of a fine table
	OneWayNoise       float64 `json:"one_way_noise"`        // on a count of a 1-way table
	TargetTablesNoise float64 `json:"target_tables_noise,omitempty"`
	ScoresNoise       float64 `json:"scores_noise,omitempty"`
	TablesNoise       float64 `json:"tables_noise"`     // on a count of another table
	NoiseMultiplier   float64 `json:"noise_multiplier"` // of a step
	Steps             int     `json:"steps"`            // that are paid for: all of the Releases, unless their noise is given
}

// Whole is the noise multiplier of the one Gaussian release that would spend all
// that is left.
func (b *Budget) Whole() (float64, error) { return b.TableNoise(1, 1) }

// Calibrate sets the noise of a run that will release r: for the tables their
// shares of what is left, for the steps config's noise multiplier, or, if that
// is auto, the least with which all steps fit, and the number of steps that fit. So
// all parameters are fixed before the first release. Nothing is charged.
func (b *Budget) Calibrate(config Config, r Releases) (Calibration, error) {
	var c Calibration
	err := b.worthwhile()
	if err != nil {
		return c, err
	}
	for _, part := range r.parts(&c) {
		if part.count > 0 {
			if *part.noise, err = b.TableNoise(part.count, part.share); err != nil {
				return c, err
			}
		}
	}
	if r.Steps == 0 {
		return b.fitTables(r, c)
	}
	if config.NoiseMultiplier != nil {
		c.NoiseMultiplier = *config.NoiseMultiplier
		c.Steps, err = b.Steps(r.SampleRate, c.NoiseMultiplier, r.Steps, r.Events(c)...)
		return c, err
	}
	c.Steps = r.Steps
	c.NoiseMultiplier, err = b.Noise(r.SampleRate, r.Steps, r.Events(c)...)
	if err == nil && math.IsInf(c.NoiseMultiplier, 0) {
		err = fmt.Errorf("%w: no finite noise multiplier fits", ErrBudget)
	}
	return c, err
}

// part is a number of tables that take a share of the budget with one noise.
type part struct {
	count int
	share float64
	noise *float64 // of c
	event func(count int, noiseMultiplier float64) accounting.Event
}

// parts are the tables of r in the order of their release, with their noise in c.
func (r *Releases) parts(c *Calibration) []part {
	return []part{
		{r.Cuts, r.CutsShare, &c.CutsNoise, CutsEvent},
		{r.OneWay, r.OneWayShare, &c.OneWayNoise, TablesEvent},
		{r.TargetTables, r.TargetTablesShare, &c.TargetTablesNoise, TargetTablesEvent},
		{r.Scores, r.ScoresShare, &c.ScoresNoise, ScoresEvent},
		{r.Tables, r.TablesShare, &c.TablesNoise, JointTablesEvent},
	}
}

// Events are the tables that r releases with the noise c.
func (r Releases) Events(c Calibration) []accounting.Event {
	var events []accounting.Event
	for _, part := range r.parts(&c) {
		if part.count > 0 {
			events = append(events, part.event(part.count, *part.noise))
		}
	}
	return events
}

// fitTables raises the noise of tables that take the whole budget until they fit:
// as many Gaussians as one, by the book, but the accountant rounds up each.
func (b *Budget) fitTables(r Releases, c Calibration) (Calibration, error) {
	const step = 1.0005
	for range 400 {
		err := b.admits(r.Events(c))
		if !errors.Is(err, ErrBudget) {
			return c, err
		}
		for _, part := range r.parts(&c) {
			*part.noise *= step
		}
	}
	return c, fmt.Errorf("%w: %d tables do not fit", ErrBudget, r.Cuts+r.OneWay+r.TargetTables+r.Scores+r.Tables)
}

// worthwhile refuses, as an ErrBudget that says what is left, a limit of which
// next to nothing is.
func (b *Budget) worthwhile() error {
	for _, l := range b.limits {
		left, err := b.left(l)
		if err != nil {
			return err
		}
		if left < leastShare*math.Min(l.epsilon, b.limits[0].epsilon) {
			return fmt.Errorf("%w: %s=%g: %.4g of it is spent and %.4g is left (δ=%g), too little for a run: raise it if more may be released",
				ErrBudget, l.name, l.epsilon, l.epsilon-left, left, l.delta)
		}
	}
	return nil
}
