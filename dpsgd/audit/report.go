package audit

import (
	"fmt"
	"slices"
	"strings"
)

// Report is what an audit found.
type Report struct {
	MessageType string `json:"message_type"` // "audit"
	Verdict     string `json:"verdict"`      // "pass" or "fail"
	Meaning     string `json:"meaning"`
	// Step is what was audited; nil if only the self-test ran.
	Step *AuditedStep `json:"step,omitempty"`
	// Counts are the noisy counts that were audited; nil if none were.
	Counts *AuditedCounts `json:"counts,omitempty"`
	// Checks are of the mechanism that training uses.
	Checks []Result `json:"checks,omitempty"`
	// Pitfalls are known mistakes that the checks would have shown.
	Pitfalls []Pitfall `json:"pitfalls,omitempty"`
	// SelfTest, if it was asked for, tells which check caught each planted bug.
	SelfTest []Trial `json:"self_test,omitempty"`
}

// AuditedStep is the step that a report speaks of.
type AuditedStep struct {
	SampleRate      float64 `json:"sample_rate"`
	NoiseMultiplier float64 `json:"noise_multiplier"`
	MaxGradNorm     float64 `json:"max_grad_norm"`
	Delta           float64 `json:"delta"`
	Adjacency       string  `json:"adjacency"`
	Confidence      float64 `json:"confidence"` // of each lower bound
	Device          string  `json:"device,omitempty"`
}

// AuditedCounts are the counts that a report speaks of.
type AuditedCounts struct {
	Releases   []CountRelease `json:"releases"`
	Delta      float64        `json:"delta"`
	Adjacency  string         `json:"adjacency"`
	Confidence float64        `json:"confidence"` // of each lower bound
}

const (
	meaningOfPass     = "no check found a leak: evidence, not proof, that a run keeps its claim"
	meaningOfSelfTest = "the checks catch what was planted; nothing is said of the step that training uses"
	meaningOfFail     = "a check failed: do not rely on the claimed epsilon of this program, configuration and device"
)

// NewReport is a report before anything was checked.
func NewReport() *Report {
	return &Report{MessageType: "audit", Verdict: "pass", Meaning: meaningOfSelfTest}
}

func newReport(c Config) *Report {
	r := NewReport()
	r.Meaning = meaningOfPass
	r.Step = &AuditedStep{SampleRate: c.SampleRate, NoiseMultiplier: c.NoiseMultiplier, MaxGradNorm: c.MaxGradNorm,
		Delta: c.Delta, Adjacency: adjacency, Confidence: 1 - confidence}
	return r
}

const adjacency = "add or remove one row"

func newCountsReport(c CountsConfig) *Report {
	r := NewReport()
	r.Meaning = meaningOfPass
	r.Counts = &AuditedCounts{Releases: c.Releases, Delta: c.Delta, Adjacency: adjacency, Confidence: 1 - confidence}
	return r
}

// Join adds what another audit of the same run found.
func (r *Report) Join(other *Report) {
	if other.Counts != nil {
		r.Counts = other.Counts
	}
	if other.Step != nil {
		r.Step = other.Step
	}
	for _, c := range other.Checks { // both audits of a step look at its budget
		if !slices.ContainsFunc(r.Checks, func(own Result) bool { return own.Name == c.Name && own.Passed && c.Passed }) {
			r.Checks = append(r.Checks, c)
		}
	}
	r.Pitfalls = append(r.Pitfalls, other.Pitfalls...)
	if r.Passed() {
		r.Verdict, r.Meaning = other.Verdict, other.Meaning
	}
}

func (r *Report) addResult(result Result) {
	r.Checks = append(r.Checks, result)
	if !result.Passed {
		r.fail()
	}
}

func (r *Report) fail() { r.Verdict, r.Meaning = "fail", meaningOfFail }

// AddSelfTest adds the trials of SelfTest. A planted bug that went unnoticed
// fails the audit: its passes would mean nothing.
func (r *Report) AddSelfTest(trials []Trial) {
	r.SelfTest = trials
	for _, t := range trials {
		if !t.Passed {
			r.fail()
		}
	}
}

// Passed reports whether nothing was found.
func (r *Report) Passed() bool { return r.Verdict == "pass" }

// Failures counts failed checks and trials.
func (r *Report) Failures() int {
	n := 0
	for _, c := range r.Checks {
		if !c.Passed {
			n++
		}
	}
	for _, t := range r.SelfTest {
		if !t.Passed {
			n++
		}
	}
	return n
}

// String is the report in words.
func (r *Report) String() string {
	var b strings.Builder
	r.writeSubject(&b)
	r.writeChecks(&b)
	r.writePitfalls(&b)
	if len(r.SelfTest) > 0 {
		b.WriteString("self-test: bugs planted into a plain mechanism, and the checks that caught them\n\n")
		for _, t := range r.SelfTest {
			caught := strings.Join(t.CaughtBy, ", ")
			if caught == "" {
				caught = "-"
			}
			fmt.Fprintf(&b, "%-5s %-35s %s\n", passOrFail(t.Passed), t.Bug, caught)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%s: %s\n", strings.ToUpper(r.Verdict), r.Meaning)
	return b.String()
}

// writeSubject says what was audited.
func (r *Report) writeSubject(b *strings.Builder) {
	if s := r.Step; s != nil {
		fmt.Fprintf(b, "audit of a step at sample rate %.4g, noise multiplier %.4g, max_grad_norm %g, δ=%g, %s", s.SampleRate,
			s.NoiseMultiplier, s.MaxGradNorm, s.Delta, s.Adjacency)
		if s.Device != "" {
			fmt.Fprintf(b, ", on %s", s.Device)
		}
		b.WriteByte('\n')
	}
	if c := r.Counts; c != nil {
		var kinds []string
		for _, k := range c.Releases {
			kinds = append(kinds, fmt.Sprintf("%d %s at noise multiplier %.4g", k.Count, k.Name, k.NoiseMultiplier))
		}
		fmt.Fprintf(b, "audit of counts: %s; δ=%g, %s\n", strings.Join(kinds, ", "), c.Delta, c.Adjacency)
	}
	if r.Step != nil || r.Counts != nil {
		b.WriteByte('\n')
	}
}

func (r *Report) writeChecks(b *strings.Builder) {
	for _, c := range r.Checks {
		fmt.Fprintf(b, "%-5s %-28s %s\n", passOrFail(c.Passed), c.Name, c.Detail)
		if c.Claim != nil {
			fmt.Fprintf(b, "%-5s %-28s claimed ε=%.4g, an attack proves ε ≥ %.4g with %.0f %% confidence\n", "", "", *c.Claim,
				*c.LowerBound, 100*(1-confidence))
		}
	}
	if len(r.Checks) > 0 {
		b.WriteByte('\n')
	}
}

func passOrFail(passed bool) string {
	if passed {
		return "pass"
	}
	return "FAIL"
}
