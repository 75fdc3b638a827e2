package audit

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/internal/check"
)

// Config is what a mechanism is audited at.
type Config struct {
	SampleRate      float64 // q
	NoiseMultiplier float64 // σ, the noise's standard deviation over MaxGradNorm
	MaxGradNorm     float64 // C
	Delta           float64
	// Steps of the run that is claimed for; the one-run audit takes at most
	// Effort.RunSteps of them.
	Steps      int
	Accountant string
	Effort     Effort
	// Seed repeats an audit; nil draws fresh randomness.
	Seed *uint64
	// Observe, if set, is told of each check before it starts.
	Observe func(check string)
}

// Effort is how much is measured.
type Effort struct {
	WorldSteps    int // steps in each of the two worlds
	Canaries      int // of the one-run audit
	RunSteps      int // at most so many steps of the one-run audit
	SamplingSteps int // steps whose batches are counted
	NoiseSteps    int // steps whose noise is measured
}

// Times multiplies the effort, but keeps what a check needs to make sense.
func (e Effort) Times(factor float64) Effort {
	scale := func(n, least int) int { return max(least, int(math.Round(factor*float64(n)))) }
	return Effort{WorldSteps: scale(e.WorldSteps, 1000), Canaries: min(scale(e.Canaries, 200), maxCanaries), RunSteps: scale(e.RunSteps, 100),
		SamplingSteps: scale(e.SamplingSteps, 1000), NoiseSteps: scale(e.NoiseSteps, 1000)}
}

// maxCanaries bounds the table of gradients, whose size is the number squared.
const maxCanaries = 4000

// FullEffort takes about half a minute on two cores.
func FullEffort() Effort {
	return Effort{WorldSteps: 200_000, Canaries: 2000, RunSteps: 1000, SamplingSteps: 20_000, NoiseSteps: 20_000}
}

// quickEffort takes about a second, and finds planted bugs.
func quickEffort() Effort {
	return Effort{WorldSteps: 10_000, Canaries: 400, RunSteps: 100, SamplingSteps: 2000, NoiseSteps: 2000}
}

// validate reports every value that no run can have.
func (c *Config) validate() error {
	v := check.Values{Prefix: "audit: "}
	positive := func(x float64) bool { return x > 0 && !math.IsInf(x, 1) }
	v.Must(c.SampleRate > 0 && c.SampleRate <= 1, "sample_rate", c.SampleRate, "must be above 0 and at most 1")
	v.Must(positive(c.NoiseMultiplier), "noise_multiplier", c.NoiseMultiplier, "must be > 0 and finite")
	v.Must(c.MaxGradNorm >= 1e-10 && c.MaxGradNorm <= 1e10, "max_grad_norm", c.MaxGradNorm,
		"must be 1e-10 … 1e10: beyond, float32 holds no hostile gradients")
	v.Must(c.Delta > 0 && c.Delta < 1, "delta", c.Delta, "must lie between 0 and 1")
	v.Must(c.Steps >= 1, "steps", c.Steps, "must be at least 1")
	if _, err := accounting.ParseAccountant(c.Accountant); err != nil {
		v.Add(fmt.Errorf("audit: %w", err))
	}
	e := c.Effort
	v.Must(e.WorldSteps >= 100 && e.Canaries >= 10 && e.RunSteps >= 1 && e.SamplingSteps >= 100 && e.NoiseSteps >= 100,
		"effort", fmt.Sprintf("%+v", e), "must be at least 100 steps a check and 10 canaries")
	return v.Err()
}

// checkOf is one question that an auditor A asks.
type checkOf[A any] struct {
	name   string
	answer func(context.Context, A) (Result, error)
}

// checks are all questions about steps, the quick ones first.
func checks() []checkOf[*auditor] {
	return []checkOf[*auditor]{
		{"sensitivity", sensitivity}, {"every record", everyRecord}, {"crowds", crowds}, {"chunks", chunks}, {"fake half", fakeHalf},
		{"budget", budget}, {"metadata", metadata}, {"keys", keys}, {"grid", grid}, {"noise", noise}, {"sampling", sampling},
		{"two worlds", twoWorldsSampled}, {"two worlds, unsampled", twoWorldsUnsampled}, {"one run", oneRun},
	}
}

// Run audits m. A failed check is part of the report, not an error.
func Run(ctx context.Context, m Mechanism, config Config) (*Report, error) {
	return auditStep(ctx, m, config, checks())
}

// auditStep is Run with checks.
func auditStep(ctx context.Context, m Mechanism, config Config, checks []checkOf[*auditor]) (*Report, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	a, err := newAuditor(m, config)
	if err != nil {
		return nil, err
	}
	return runChecks(ctx, newReport(config), checks, a, config.Observe)
}

// runChecks lets a ask each of checks, and adds what comes of it to report. observe, if not
// nil, is told which is next.
func runChecks[A any](ctx context.Context, report *Report, checks []checkOf[A], a A, observe func(name string)) (*Report, error) {
	for _, c := range checks {
		if observe != nil {
			observe(c.name)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		started := time.Now()
		result, err := c.answer(ctx, a)
		if err != nil {
			return nil, fmt.Errorf("audit: %s: %w", c.name, err)
		}
		result.Name, result.Seconds = c.name, time.Since(started).Seconds()
		report.addResult(result)
	}
	report.addPitfalls()
	return report, nil
}

// auditor is a mechanism under audit.
type auditor struct {
	Config
	mechanism Mechanism
	next      uint64 // seed
}

func newAuditor(m Mechanism, config Config) (*auditor, error) {
	a := &auditor{Config: config, mechanism: m}
	if config.Seed != nil {
		a.next = *config.Seed << 32 // seeds of different audits do not meet
		return a, nil
	}
	var seed [8]byte
	if _, err := rand.Read(seed[:]); err != nil {
		return nil, fmt.Errorf("audit: no randomness from the operating system: %w", err)
	}
	a.next = binary.LittleEndian.Uint64(seed[:])
	return a, nil
}

// sharedSeed is a fresh seed for tables that share their randomness.
func (a *auditor) sharedSeed() *uint64 {
	a.next++
	seed := a.next
	return &seed
}

// ownSeed is the seed of a table that shares none: nil, as in training, unless the
// audit is to be repeatable.
func (a *auditor) ownSeed() *uint64 {
	if a.Seed == nil {
		return nil
	}
	return a.sharedSeed()
}

// table is a table at the audit's clipping norm.
func (a *auditor) table(rate, noise float64, gradients [][]float64, records []uint32, seed *uint64) Table {
	batch := rate * float64(len(records))
	return Table{Gradients: gradients, Records: records, Seed: seed, Step: dpsgd.StepConfig{
		BatchSize: math.Max(batch, 1), SampleRate: rate, MaxGradNorm: a.MaxGradNorm, NoiseMultiplier: noise,
		PhysicalBatch: dpsgd.PhysicalBatch(batch, len(records), 0)}}
}

// eachStep runs steps over t and hands each noised sum to use, which must not keep it.
func (a *auditor) eachStep(ctx context.Context, t Table, steps int, use func(step int, sum []float64)) (err error) {
	s, err := a.mechanism.Open(t)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	sum := make([]float64, s.Dimension())
	for i := range steps {
		if i%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := s.Step(sum); err != nil {
			return err
		}
		use(i, sum)
	}
	return nil
}

// oneStep is the noised sum of one step.
func (a *auditor) oneStep(ctx context.Context, t Table) (sum []float64, err error) {
	err = a.eachStep(ctx, t, 1, func(_ int, s []float64) { sum = append(sum, s...) })
	return sum, err
}

// event is what steps at rate cost.
func (a *auditor) event(rate float64, steps int) accounting.Event {
	return dpsgd.StepConfig{SampleRate: rate, NoiseMultiplier: a.NoiseMultiplier}.Event(steps)
}

// claim is the ε that the accountant states for steps at rate.
func (a *auditor) claim(rate float64, steps int) (float64, error) {
	return accounting.PLD.Epsilon([]accounting.Event{a.event(rate, steps)}, a.Delta)
}
