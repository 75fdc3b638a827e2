package dpsgd

import "github.com/dpgan/dpgan/dpsgd/accounting"

// Kind is what a release of noisy counts is of.
type Kind struct {
	Name    string
	Purpose string // in ledgers
	// Scores are kinds of one number a table, its distance from what is expected of it
	// (Gate.L1Distances), by which tables are selected.
	Scores bool
}

// Release is one kind of noisy counts, all with the same noise.
type Release struct {
	Kind
	// Count is the number of tables. One row counts once in each.
	Count int
	// Share is the part that they take of 1/σ² of the one Gaussian that would spend
	// all that is left.
	Share float64
	// Noise is the standard deviation on each count, which Calibrate sets.
	Noise float64
}

// event is what r costs, its line in ledgers: Count Gaussian releases of sensitivity 1.
func (r Release) event() accounting.Event {
	return accounting.Event{Mechanism: accounting.Gaussian, NoiseMultiplier: r.Noise, Count: r.Count, Stage: "marginals", Purpose: r.Purpose}
}

// Releases are what a run will release, and how it splits its budget.
type Releases struct {
	// Counts come first, in their order; those of none are left out.
	Counts []Release
	// Steps at SampleRate take the rest; 0 takes none.
	SampleRate float64
	Steps      int
	// NoiseMultiplier of a step, and Affordable, the number of steps that are paid for: all
	// of them, unless the noise is given. Calibrate sets both.
	NoiseMultiplier float64
	Affordable      int
}

// Of is the release of kind, which must be among the Counts.
func (r *Releases) Of(kind Kind) *Release {
	for k := range r.Counts {
		if r.Counts[k].Kind == kind {
			return &r.Counts[k]
		}
	}
	return nil
}

// Events are what the Counts cost.
func (r *Releases) Events() []accounting.Event {
	var events []accounting.Event
	for _, c := range r.Counts {
		if c.Count > 0 {
			events = append(events, c.event())
		}
	}
	return events
}
