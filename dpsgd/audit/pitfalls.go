package audit

import (
	"fmt"
	"slices"
	"strings"
)

// Pitfall is a mistake that private training is known for, and which checks of this
// audit would show it.
type Pitfall struct {
	Name   string   `json:"name"`
	Passed bool     `json:"passed"`
	Means  string   `json:"means"` // what right code does
	Checks []string `json:"checks"`
}

// pitfalls are those of the field: what audits found in published code, and what its
// libraries warn of.
func pitfalls() []Pitfall {
	return []Pitfall{
		{Name: "batch division", Checks: []string{"sampling"}, Means: "the sum is divided by a constant, not by the realised batch"},
		{Name: "sampler and accountant", Checks: []string{"sampling", "budget", "two worlds"},
			Means: "batches are the Poisson samples that are charged for"},
		{Name: "metadata", Checks: []string{"metadata", "fake half"}, Means: "no time, and no size of a batch, leaves a run"},
		{Name: "adjacency", Checks: []string{"sensitivity", "every record"},
			Means: "a row more or less moves the sum by what the noise is scaled to"},
		{Name: "non-finite gradients", Checks: []string{"sensitivity"}, Means: "count as zero"},
		{Name: "empty batch", Checks: []string{"noise", "fake half"}, Means: "is a step like any other, with noise"},
		{Name: "accumulation", Checks: []string{"chunks"}, Means: "a batch in chunks gets its noise once"},
		{Name: "cross-example coupling", Checks: []string{"every record", "fake half"}, Means: "no record's share depends on its batch mates"},
		{Name: "randomness", Checks: []string{"keys", "noise"}, Means: "keys are fresh, and no noise is used twice"},
		{Name: "floating point", Checks: []string{"grid"}, Means: "low bits of a noised sum tell nothing"},
		{Name: "rounding", Checks: []string{"crowds"}, Means: "one record does not change how others are rounded"},
		{Name: "pairs: sampling", Checks: []string{"pairs, sampling", "budget", "pairs, two worlds"},
			Means: "batches are the Poisson samples that are charged for"},
		{Name: "pairs: adjacency", Checks: []string{"pairs, sensitivity"},
			Means: "a row more or less moves the sum by what the noise is scaled to"},
		{Name: "pairs: accumulation", Checks: []string{"pairs, sensitivity"}, Means: "a batch in chunks gets its noise once"},
		{Name: "pairs: empty batch", Checks: []string{"pairs, noise"}, Means: "is a step like any other, with noise"},
		{Name: "pairs: randomness", Checks: []string{"pairs, keys", "pairs, noise"}, Means: "keys are fresh, and no noise is used twice"},
		{Name: "pairs: floating point", Checks: []string{"pairs, grid"}, Means: "low bits of a noised sum tell nothing"},
		{Name: "unpaid counts", Checks: []string{"charge", "choice"}, Means: "a count is charged, as what it is, before it is computed"},
		{Name: "counts: adjacency", Checks: []string{"counts"}, Means: "a row more or less moves a table, and a score, by one"},
		{Name: "counts: randomness", Checks: []string{"count keys", "count noise"}, Means: "noise everywhere, fresh and used once"},
		{Name: "counts: floating point", Checks: []string{"count noise"}, Means: "exact integers with the distribution that is charged for"},
	}
}

// addPitfalls tells which pitfalls the checks that ran would have shown, and whether
// they did.
func (r *Report) addPitfalls() {
	for _, p := range pitfalls() {
		p.Passed = true
		ran := 0
		for _, c := range r.Checks {
			if slices.Contains(p.Checks, c.Name) {
				ran++
				p.Passed = p.Passed && c.Passed
			}
		}
		if ran == len(p.Checks) {
			r.Pitfalls = append(r.Pitfalls, p)
		}
	}
}

func (r *Report) writePitfalls(b *strings.Builder) {
	if len(r.Pitfalls) == 0 {
		return
	}
	b.WriteString("pitfalls of the field, and the checks that show them\n\n")
	for _, p := range r.Pitfalls {
		fmt.Fprintf(b, "%-5s %-28s %s (%s)\n", passOrFail(p.Passed), p.Name, p.Means, strings.Join(p.Checks, ", "))
	}
	b.WriteByte('\n')
}
