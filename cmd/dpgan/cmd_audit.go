package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/dpgan/dpgan/configs"
	"github.com/dpgan/dpgan/dpsgd/audit"
	"github.com/dpgan/dpgan/gan/discovery"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/nets"
	"github.com/dpgan/dpgan/gan/plan"
	"github.com/dpgan/dpgan/internal/atomicfile"
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
		Short: "Attack what a run releases and compare what leaks with what is claimed",
		Long: `Attack what a run releases and compare what leaks with what is claimed.

The counts and the step that training uses run over made-up records, with the
sample rate, noise and clipping norm of the configuration, on its device. No data
is opened, and no ledger is charged. A lower bound on ε above the claim is a
failure. A pass is evidence, not proof: see docs/privacy.md.

The sample rate is batch_size / rows, and rows are not known without the data:
give the number with --rows. Noise set to auto is calibrated for that number.

--self-test plants known bugs into plain copies of the step and of the counts, and
each must be caught; without --config it is all that runs.
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
	report, err := auditRun(ctx, opts, s)
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
		err := atomicfile.Write(opts.Out, func(w io.Writer) error {
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

// auditRun audits what a run with config on a table of --rows would release: its noisy
// counts, and the step of its discriminator, if it trains one. Without a config the
// report is empty.
func auditRun(ctx context.Context, opts AuditOptions, s *streams) (*audit.Report, error) {
	report := audit.NewReport()
	if opts.Config == "" {
		return report, nil
	}
	src := configSources{file: opts.Config, environ: os.Environ(), set: opts.Set}
	if opts.Device != "" {
		src.flags = append(src.flags, setting{"device", "runtime.device", opts.Device})
	}
	config, err := loadConfig(src)
	if err != nil {
		return nil, err
	}
	if config.Runtime.Device == configs.DeviceReference {
		return nil, usageError(errors.New("device=reference: the audit attacks the step of a device: name cpu or cuda"))
	}
	config.SetDefaults(opts.Rows)
	if opts.Rows < config.Training.BatchSize {
		return nil, usageError(fmt.Errorf("audit: --rows=%d: must be at least training.batch_size=%d", opts.Rows, config.Training.BatchSize))
	}
	stages, err := firstStages(config, opts.Rows)
	if err != nil {
		return nil, err
	}
	effort := audit.FullEffort().Times(opts.Effort)
	observe := func(check string) { s.log.Info("audit", "check", check) }
	if stages.Releases.Steps > 0 {
		step, err := auditStep(ctx, config, audit.Config{
			SampleRate: stages.Releases.SampleRate, NoiseMultiplier: stages.Releases.NoiseMultiplier,
			MaxGradNorm: config.Privacy.MaxGradNorm, Delta: config.Privacy.TargetDelta, Accountant: config.Privacy.Accountant,
			Steps: stages.Releases.Steps, Effort: effort, Seed: opts.Seed, Observe: observe,
		}, s)
		if err != nil {
			return nil, err
		}
		report.Join(step)
	}
	counts, err := audit.RunCounts(ctx, audit.GateMechanism{}, audit.CountsConfig{
		Releases: countReleases(stages), Delta: config.Privacy.TargetDelta, Effort: effort, Seed: opts.Seed, Observe: observe})
	if err != nil {
		return nil, err
	}
	report.Join(counts)
	return report, nil
}

// auditStep audits the claimed step on config's device.
func auditStep(ctx context.Context, config *configs.Config, claim audit.Config, s *streams) (*audit.Report, error) {
	dev, err := openRuntime(config.Runtime, s.log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = dev.Close() }()
	mechanism := audit.DeviceMechanism{Device: dev}
	report, err := audit.RunPairs(ctx, audit.PairsMechanism{DeviceMechanism: mechanism}, claim)
	if err == nil && config.Model.Discriminator.Kind == nets.KindMLP {
		var net *audit.Report
		if net, err = audit.Run(ctx, mechanism, claim); err == nil {
			report.Join(net)
		}
	}
	if err != nil {
		return nil, err
	}
	report.Step.Device = dev.Name()
	return report, nil
}

// countReleases are the noisy counts of stages.
func countReleases(stages *marginal.Plan) []audit.CountRelease {
	chosen := stages.Releases.Of(marginal.Scores).Count > 0
	var releases []audit.CountRelease
	for _, r := range stages.Releases.Counts {
		if r.Count > 0 {
			releases = append(releases, audit.CountRelease{Name: r.Name, Count: r.Count, NoiseMultiplier: r.Noise, Scores: r.Kind.Scores,
				Chosen: chosen && r.Kind == marginal.JointTables})
		}
	}
	return releases
}

// firstStages are the stages of a first run of config on a table of that many rows.
func firstStages(config *configs.Config, rows int) (*marginal.Plan, error) {
	domain, err := config.Domain()
	if err != nil {
		return nil, usageError(err)
	}
	gaps, _ := discovery.Undeclared(config.Data.Schema(), config.Privacy)
	return plan.FirstRun(settingsOf(config, domain), gaps, rows)
}
