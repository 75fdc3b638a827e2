package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/audit"
	"github.com/dpgan/dpgan/gan"
	"github.com/spf13/cobra"
)

// AuditOptions are the flags of dpgan audit.
type AuditOptions struct {
	Config   string
	Set      []string
	Device   string
	Rows     int
	SelfTest bool
	Out      string
	JSON     bool
	Seed     *uint64
	Effort   float64
}

func newAuditCommand(s *streams) *cobra.Command {
	opts := AuditOptions{Rows: 30_000, Effort: 1}
	seed := newOptionalUint(&opts.Seed)
	cmd := &cobra.Command{
		Use:   "audit --config FILE",
		Short: "Attack the private step and compare what leaks with what is claimed",
		Long: `Attack the private step and compare what leaks with what is claimed.

The step that training uses runs over made-up records, with the sample rate,
noise and clipping norm of the configuration, on its device. No data is opened,
and no ledger is charged. A lower bound on ε above the claim is a failure. A pass
is evidence, not proof: see docs/privacy.md.

The sample rate is batch_size / rows, and rows are not known without the data:
give the number with --rows. Noise set to auto is calibrated for that number.

--self-test plants known bugs into a plain copy of the step, and each must be
caught; without --config it is all that runs.
`,
		Example: `  dpgan audit --config demo/medical.yaml
  dpgan audit --config adult.yaml --rows 32561 --json --out audit.json
  dpgan audit --self-test`,
		RunE: func(cmd *cobra.Command, _ []string) error { return runAudit(cmd.Context(), opts, s) },
	}
	f := cmd.Flags()
	f.StringVarP(&opts.Config, "config", "c", "", "YAML `file` that describes table, model and budget")
	f.StringArrayVar(&opts.Set, "set", nil, "override one `key=value`, such as training.steps=500; may be repeated")
	f.StringVar(&opts.Device, "device", "", deviceHelp+" (default runtime.device)")
	f.IntVar(&opts.Rows, "rows", opts.Rows, "rows of the table that the claim is for")
	f.BoolVar(&opts.SelfTest, "self-test", false, "also plant bugs, which must be caught")
	f.StringVarP(&opts.Out, "out", "o", "", "write the report to a JSON `file` too")
	f.BoolVar(&opts.JSON, "json", false, "print one JSON report")
	f.Float64Var(&opts.Effort, "effort", opts.Effort, "multiply how much is measured: 0.05 takes seconds, 10 gives sharper bounds")
	f.Var(seed, "seed", "repeat an audit; as a rule leave it out")
	return cmd
}

func runAudit(ctx context.Context, opts AuditOptions, s *streams) error {
	if opts.Config == "" && !opts.SelfTest {
		return usageError(errors.New("audit: --config is missing: name the YAML file, or run --self-test alone"))
	}
	if !(opts.Effort > 0 && opts.Effort <= 1000) {
		return usageError(fmt.Errorf("audit: --effort=%g: must be above 0 and at most 1000", opts.Effort))
	}
	report, err := auditStep(ctx, opts, s)
	if err != nil {
		return err
	}
	if opts.SelfTest {
		trials, err := audit.SelfTest(ctx, func(bug audit.Bug) { s.log.Info("self-test", "bug", string(bug)) })
		if err != nil {
			return err
		}
		report.AddSelfTest(trials)
	}
	if opts.Out != "" {
		err := writeFile(opts.Out, func(w io.Writer) error {
			e := json.NewEncoder(w)
			e.SetIndent("", "  ")
			return e.Encode(report)
		})
		if err != nil {
			return err
		}
	}
	if err := printAudit(opts, s, report); err != nil {
		return err
	}
	if !report.Passed() {
		return fmt.Errorf("audit: %d of %d checks failed", report.Failures(), len(report.Checks)+len(report.SelfTest))
	}
	return nil
}

func printAudit(opts AuditOptions, s *streams, report *audit.Report) error {
	if opts.JSON {
		return s.json(report)
	}
	return s.print("%s", report)
}

// auditStep audits the step that config would train with; without a config the
// report is empty.
func auditStep(ctx context.Context, opts AuditOptions, s *streams) (*audit.Report, error) {
	if opts.Config == "" {
		return audit.NewReport(), nil
	}
	src := configSources{file: opts.Config, environ: os.Environ(), set: opts.Set}
	if opts.Device != "" {
		src.flags = append(src.flags, setting{"device", "runtime.device", opts.Device})
	}
	config, err := loadConfig(src)
	if err != nil {
		return nil, err
	}
	if config.Runtime.Device == deviceReference {
		return nil, usageError(errors.New("device=reference: the audit attacks the step of a device: name cpu or cuda"))
	}
	claim, err := auditedStep(config, opts)
	if err != nil {
		return nil, err
	}
	claim.Observe = func(check string) { s.log.Info("audit", "check", check) }
	dev, err := config.Runtime.open(s.log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = dev.Close() }()
	report, err := audit.Run(ctx, audit.DeviceMechanism{Device: dev}, claim)
	if err == nil {
		report.Step.Device = dev.Name()
	}
	return report, err
}

// auditedStep is the step that training on a table of --rows would take, its
// noise calibrated as training does, by a budget in a ledger of its own.
func auditedStep(config *Config, opts AuditOptions) (claim audit.Config, err error) {
	config.settle(opts.Rows)
	if opts.Rows < config.Training.BatchSize {
		return audit.Config{}, usageError(fmt.Errorf("audit: --rows=%d: must be at least training.batch_size=%d", opts.Rows, config.Training.BatchSize))
	}
	privacy := config.Privacy
	claim = audit.Config{
		SampleRate:  float64(config.Training.BatchSize) / float64(opts.Rows),
		MaxGradNorm: privacy.MaxGradNorm, Delta: privacy.TargetDelta, Accountant: privacy.Accountant,
		Steps: config.Training.Steps, Effort: audit.FullEffort().Times(opts.Effort), Seed: opts.Seed,
	}
	if privacy.NoiseMultiplier != nil {
		claim.NoiseMultiplier = *privacy.NoiseMultiplier
		return claim, nil
	}
	claim.NoiseMultiplier, err = firstNoise(config, opts.Rows)
	return claim, err
}

// firstNoise is the noise multiplier of a first run on the table: the ledger
// that all runs share stays closed.
func firstNoise(config *Config, rows int) (float64, error) {
	schema, privacy := config.Data.schema(), config.Privacy
	codec, err := compileDeclared(schema, privacy)
	if err != nil {
		return 0, usageError(err)
	}
	if privacy.TableEpsilon > 0 {
		privacy.TargetEpsilon = min(privacy.TargetEpsilon, privacy.TableEpsilon)
	}
	privacy.Ledger, privacy.TableEpsilon, privacy.TableDelta = "", 0, 0
	budget, err := dpsgd.PlanBudget(privacy)
	if err != nil {
		return 0, err
	}
	gaps, _ := gan.Undeclared(schema, privacy)
	if _, err := chargeDiscovery(budget, privacy, gaps); err != nil {
		return 0, err
	}
	settings := config.settings(codec)
	settings.Privacy = privacy
	stages, err := gan.PlanStages(budget, &settings, rows)
	if err != nil {
		return 0, err
	}
	if stages.Releases.Steps == 0 {
		return 0, usageError(errors.New("audit: this run trains no discriminator, so there is no step to audit: its tables get exact discrete noise; set privacy.budget.discriminator to audit one"))
	}
	return stages.Calibration.NoiseMultiplier, nil
}
