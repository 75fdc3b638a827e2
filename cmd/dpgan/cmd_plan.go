package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dpgan/dpgan/configs"
	"github.com/dpgan/dpgan/gan/discovery"
	"github.com/dpgan/dpgan/gan/plan"
	"github.com/dpgan/dpgan/internal/amount"
	"github.com/dpgan/dpgan/tabular"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// PlanOptions are the flags of dpgan plan. Those of planKeys override the config.
type PlanOptions struct {
	Config      string
	Set         []string
	Device      string
	Rows        int
	Columns     int
	NoBenchmark bool
	JSON        bool
	overrides   []setting
}

// planKeys are the keys that have a flag of their own.
var planKeys = map[string]string{
	"batch-size": "training.batch_size", "steps": "training.steps", "target-epsilon": "privacy.target_epsilon",
	"target-delta": "privacy.target_delta", "noise-multiplier": "privacy.noise_multiplier",
}

func newPlanCommand(s *streams) *cobra.Command {
	opts := PlanOptions{Rows: 30_000, Columns: 15}
	cmd := &cobra.Command{
		Use:   "plan --config FILE [--rows N]",
		Short: "Say what a run would spend, what it would get for it, and how long it would take",
		Long: `Say what a run would spend, what it would get for it, and how long it would
take. No data is opened and nothing is charged: the noise is calibrated as training
does, for a table of --rows rows, and a few steps on made-up rows are timed.

Without --config, a table of --columns columns, half of them numbers, is assumed.
If the config names a table's ledger and total, what is left of it is the limit.
`,
		Example: `  dpgan plan --config demo/medical.yaml
  dpgan plan --rows 30000 --batch-size 1024 --steps 1000 --target-epsilon 3 --target-delta 1e-5 --json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cmd.Flags().Visit(func(f *pflag.Flag) {
				if key, ok := planKeys[f.Name]; ok {
					opts.overrides = append(opts.overrides, setting{f.Name, key, f.Value.String()})
				}
			})
			if opts.Config != "" && !cmd.Flags().Changed("rows") {
				s.log.Warn("the number of rows is not known without the data: say it with --rows", "assumed", opts.Rows)
			}
			return runPlan(opts, s)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&opts.Config, "config", "c", "", "YAML `file` that describes table, model and budget")
	f.StringArrayVar(&opts.Set, "set", nil, "override one `key=value`, such as training.steps=500; may be repeated")
	f.StringVar(&opts.Device, "device", "", deviceHelp+" (default runtime.device)")
	f.IntVar(&opts.Rows, "rows", opts.Rows, "rows of the table")
	f.IntVar(&opts.Columns, "columns", opts.Columns, "columns of the table, without --config")
	f.String("batch-size", "", "expected rows in a batch: training.batch_size")
	f.String("steps", "", "steps of the discriminator: training.steps")
	f.String("target-epsilon", "", "budget: privacy.target_epsilon")
	f.String("target-delta", "", "delta of (epsilon, delta): privacy.target_delta")
	f.String("noise-multiplier", "", "noise of a step: privacy.noise_multiplier")
	f.BoolVar(&opts.NoBenchmark, "no-benchmark", false, "do not estimate the time")
	f.BoolVar(&opts.JSON, "json", false, "print one JSON object")
	return cmd
}

func runPlan(opts PlanOptions, s *streams) error {
	config, err := opts.config()
	if err != nil {
		return err
	}
	config.SetDefaults(opts.Rows)
	if opts.Rows < config.Training.BatchSize {
		return usageError(fmt.Errorf("plan: --rows=%d: must be at least training.batch_size=%d", opts.Rows, config.Training.BatchSize))
	}
	domain, err := config.Domain()
	if err != nil {
		return usageError(err)
	}
	gaps, _ := discovery.Undeclared(config.Data.Schema(), config.Privacy)
	p, err := plan.New(settingsOf(config, domain), gaps, opts.Rows)
	if err != nil {
		return err
	}
	if !opts.NoBenchmark && (p.Steps == 0 || p.AffordableSteps > 0) {
		dev, err := openRuntime(config.Runtime, s.log)
		if err != nil {
			return err
		}
		if err := errors.Join(p.TimeSteps(dev), dev.Close()); err != nil {
			return err
		}
	}
	if opts.JSON {
		return s.json(p)
	}
	return s.print("%s", planText(p))
}

// config is the one named, or the defaults around a made-up table.
func (o *PlanOptions) config() (*configs.Config, error) {
	src := configSources{file: o.Config, environ: environment(), set: o.Set, flags: o.overrides}
	if o.Device != "" {
		src.flags = append(src.flags, setting{"device", "runtime.device", o.Device})
	}
	if o.Config != "" {
		return loadConfig(src)
	}
	if o.Columns < 1 || o.Columns > 10_000 {
		return nil, usageError(fmt.Errorf("plan: --columns=%d: must be 1 … 10000", o.Columns))
	}
	config, from, err := mergeConfig(nil, src)
	if err != nil {
		return nil, usageError(err)
	}
	config.Data = configs.DataConfig{Path: "none.csv", Missing: []string{""}, Columns: madeUpColumns(o.Columns)}
	if err := config.Validate(from); err != nil {
		return nil, usageError(err)
	}
	return config, config.ResolvePaths(from)
}

// madeUpColumns are numbers and categories by turns.
func madeUpColumns(count int) []tabular.Column {
	columns := make([]tabular.Column, count)
	for j := range columns {
		columns[j] = tabular.Column{Name: "column " + strconv.Itoa(j+1), Type: tabular.Integer, Bounds: []any{0, 999}}
		if j%2 == 1 {
			columns[j].Type, columns[j].Bounds = tabular.Categorical, nil
			columns[j].Values = []string{"a", "b", "c", "d", "e", "f", "g", "h"}
		}
	}
	return columns
}

// planText is the plan as lines for people.
func planText(p *plan.Plan) string {
	var b strings.Builder
	line := func(label, format string, args ...any) {
		fmt.Fprintf(&b, "%-10s %s\n", label, fmt.Sprintf(format, args...))
	}
	by := p.Accountant
	if p.Filter {
		by = "a filter, as what is discovered sets up the rest"
	}
	line("spends", "ε=%.4g of %g at δ=%g by %s (pld %.4g, rdp %.4g), %s", p.Epsilon, p.TargetEpsilon, p.Delta, by, p.EpsilonPLD, p.EpsilonRDP, p.Adjacency)
	if t := p.Table; t != nil {
		line("table", "ε=%.4g of %g at δ=%g is left for all runs in %s", t.Left, t.TableEpsilon, t.TableDelta, t.Ledger)
	}
	line("mode", "%s: of the budget %s", p.Mode, sharesText(p.Budget))
	line("", "%s", p.Budget.Why)
	for _, s := range p.Stages {
		line("stage", "%s: ε=%.4g alone", s.Stage, s.EpsilonAlone)
	}
	for _, d := range p.Discovery {
		line("discovery", "%s of %s: ε=%.3g alone, %s", d.Question, amount.Of(d.Columns, "column"), d.EpsilonAlone, d.Buys)
	}
	if c := p.Cuts; c != nil {
		line("cuts", "noise %.4g on each count of %s of at most about %d bins, by which numbers are cut", c.NoiseMultiplier, amount.Of(c.Tables, "fine table"), c.Bins)
	}
	line("tables", "noise %.4g on each count of %s: %.2g %% of one with 1 %% of the rows, %.2g %% of one with 0.1 %%",
		p.Tables.NoiseMultiplier, amount.Of(p.Tables.Columns, "column"), 100*p.Tables.ErrorAt1Percent, 100*p.Tables.ErrorAt01)
	if c := p.Choice; c != nil {
		line("choice", "noise %.4g on the score of each of %s, by which those are chosen that are looked at", c.ScoresNoise, amount.Of(c.Scores, "pair"))
		if c.TargetTables > 0 {
			line("", "noise %.4g on each count of %s with the target, which are what pairs are expected to follow from", c.TargetNoise, amount.Of(c.TargetTables, "table"))
		}
	}
	switch j := p.Joint; {
	case j == nil:
	case p.Choice != nil:
		line("joint", "tables of the pairs worth their noise, numbers cut into at most %d intervals: noise %.4g on each count if all %d are, less if fewer",
			j.Intervals, j.NoiseMultiplier, j.Tables)
	default:
		line("joint", "noise %.4g on each count of %s of %d columns, numbers cut into at most %d intervals", j.NoiseMultiplier, amount.Of(j.Tables, "table"), j.Columns, j.Intervals)
	}
	for _, note := range p.Rules {
		line("rule", "%s", note)
	}
	if p.Steps > 0 {
		line("steps", "%s of %s affordable, noise multiplier %.4g, sample rate %.4g (%d of %s)",
			amount.Grouped(p.AffordableSteps), amount.Grouped(p.Steps), p.NoiseMultiplier, p.SampleRate, p.BatchSize, amount.Of(p.Rows, "row"))
	}
	if d := p.Step; d != nil {
		all, some := "", ""
		if p.Choice != nil {
			some = "up to "
		}
		if d.Noise < d.StepsNoise {
			all = fmt.Sprintf(", with the joint tables %.4g", d.Noise)
		}
		line("knows", "of kind %s, the discriminator looks at %s%s of %d columns, numbers in at most %d intervals: its steps tell a count to within %.4g%s",
			d.Kind, some, amount.Of(d.Tables, "table"), d.Columns, d.Intervals, d.StepsNoise, all)
	}
	if t := p.Time; t != nil {
		seconds := func(x float64) time.Duration { return rounded(time.Duration(x * float64(time.Second))) }
		step := ""
		if t.SecondsPerStep > 0 {
			step = fmt.Sprintf(", %s a step", seconds(t.SecondsPerStep))
		}
		line("time", "about %s on %s%s", seconds(t.Seconds), t.Device, step)
	}
	for _, a := range p.Advice {
		line("warning", "%s; better: %s", a.Warning, a.Set)
	}
	return b.String()
}

// sharesText lists the shares of a budget that are not 0.
func sharesText(b plan.Budget) string {
	var parts []string
	for _, part := range []struct {
		share float64
		of    string
	}{{b.Singles, "single columns"}, {b.Choice, "the choice of pairs"}, {b.Joint, "joint tables"}, {b.Discriminator, "the discriminator"}} {
		if part.share > 0 {
			parts = append(parts, fmt.Sprintf("%.3g for %s", part.share, part.of))
		}
	}
	return strings.Join(parts, ", ")
}
