package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/dpgan/dpgan/configs"
	"github.com/dpgan/dpgan/eval"
	htmlreport "github.com/dpgan/dpgan/eval/report"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/internal/atomicfile"
	"github.com/dpgan/dpgan/tabular"
	"github.com/spf13/cobra"
)

// EvaluateOptions are the flags of dpgan evaluate.
type EvaluateOptions struct {
	Config    string
	Train     string
	Holdout   string
	Synthetic []string
	Model     string
	Report    string
	Release   bool
	Baseline  bool
	Group     string
	Seed      uint64
	JSON      bool
}

func newEvaluateCommand(s *streams) *cobra.Command {
	opts := EvaluateOptions{Seed: 1}
	cmd := &cobra.Command{
		Use:   "evaluate --config FILE --train FILE --holdout FILE --synthetic FILE",
		Short: "Measure how faithful, useful and safe synthetic rows are",
		Long: `Measure how faithful, useful and safe synthetic tables are, each number beside
what real rows reach against themselves. Any CSV or Parquet file that keeps the
schema of the config can be measured, whoever made it.

The holdout must hold rows that the synthetic table was not made from: it judges
the models and is the control of the attacks.

Rows that break a rule of the config, or of --model if the config has none, are
counted rule by rule, in the real tables too.

Numbers and report are computed on real rows and covered by no epsilon: they are
for the owner of the data. --release writes a report that holds nothing but the
synthetic rows and the privacy statement of --model.
`,
		Example: `  dpgan evaluate --config medical.yaml --train train.csv --holdout holdout.csv --synthetic synthetic.csv
  dpgan evaluate ... --synthetic ours.csv --synthetic theirs.csv --report report.html --baseline`,
		RunE: func(cmd *cobra.Command, _ []string) error { return runEvaluate(cmd.Context(), opts, s) },
	}
	f := cmd.Flags()
	f.StringVarP(&opts.Config, "config", "c", "", "YAML `file` with the schema and the target")
	f.StringVar(&opts.Train, "train", "", "real table the synthetic one was made from: a .csv, .csv.gz or .parquet `file`")
	f.StringVar(&opts.Holdout, "holdout", "", "real table it was not made from: a `file`")
	f.StringArrayVar(&opts.Synthetic, "synthetic", nil, "synthetic table: a `file`; repeat to compare several")
	f.StringVarP(&opts.Model, "model", "m", "", "model.safetensors `file` whose privacy statement goes into the report, and whose rules are checked")
	f.StringVar(&opts.Report, "report", "", "HTML `file` to write")
	f.BoolVar(&opts.Release, "release", false, "leave everything computed on real rows out of the report")
	f.BoolVar(&opts.Baseline, "baseline", false, "measure a bootstrap of train and independent columns too")
	f.StringVar(&opts.Group, "group", "", "`column` by whose groups models are judged apart")
	f.Uint64Var(&opts.Seed, "seed", opts.Seed, "seed of samples, folds and attacks")
	f.BoolVar(&opts.JSON, "json", false, "print one JSON object, and no bar")
	return cmd
}

func (o *EvaluateOptions) validate() error {
	var errs []error
	for _, required := range []struct{ flag, value, fix string }{
		{"config", o.Config, "name the YAML file with the schema"},
		{"train", o.Train, "name the real table that the synthetic one was made from"},
		{"holdout", o.Holdout, "name a real table of other rows"},
		{"synthetic", strings.Join(o.Synthetic, ""), "name the table to measure"},
	} {
		if required.value == "" {
			errs = append(errs, fmt.Errorf("evaluate: --%s is missing: %s", required.flag, required.fix))
		}
	}
	if o.Release && o.Report == "" {
		errs = append(errs, errors.New("evaluate: --release is about the report: name it with --report"))
	}
	if o.Release && o.JSON {
		errs = append(errs, errors.New("evaluate: --json prints numbers computed on real rows, which --release leaves out: use one of them"))
	}
	return errors.Join(errs...)
}

func runEvaluate(ctx context.Context, opts EvaluateOptions, s *streams) error {
	if err := opts.validate(); err != nil {
		return usageError(err)
	}
	config, err := loadConfig(configSources{file: opts.Config, environ: environment()})
	if err != nil {
		return err
	}
	schema := config.Data.Schema()
	codec, err := schema.Compile()
	if err != nil {
		return usageError(err)
	}
	var m *model.Model
	if opts.Model != "" {
		if m, err = model.Load(opts.Model); err != nil {
			return usageError(err)
		}
	}
	start := time.Now()
	options, err := readTables(ctx, opts, codec)
	if err != nil {
		return err
	}
	if options.Rules, err = rulesToKeep(config, codec, m); err != nil {
		return usageError(err)
	}
	options.Target, options.Group, options.Baseline, options.Seed = config.Data.Target, opts.Group, opts.Baseline, opts.Seed
	if err := options.Validate(); err != nil {
		return usageError(err)
	}
	bar := newBar(s, 1, !opts.JSON)
	options.Progress = func(done, total int) {
		bar.ChangeMax(total)
		bar.Describe("evaluate")
		_ = bar.Set(done)
	}
	result, err := eval.Evaluate(ctx, *options)
	_ = bar.Exit()
	if err != nil {
		return err
	}
	if opts.Report != "" {
		page := htmlreport.Page{Title: filepath.Base(opts.Config), Result: result, Statement: statementOf(m), Release: opts.Release}
		if err := atomicfile.Write(opts.Report, func(w io.Writer) error { return htmlreport.Write(w, page) }); err != nil {
			return err
		}
		s.log.Info("wrote the report", "file", opts.Report, "seconds", time.Since(start).Seconds())
	}
	switch {
	case opts.JSON:
		return s.json(result)
	case opts.Release:
		return s.print("wrote    %s, without what was computed on real rows\n", opts.Report)
	}
	return s.print("%s", result.Text())
}

// readTables reads all tables of one evaluation. Their codes stay in memory.
func readTables(ctx context.Context, opts EvaluateOptions, codec *tabular.Codec) (*eval.Options, error) {
	for _, path := range append([]string{opts.Train, opts.Holdout}, opts.Synthetic...) {
		if err := tabular.CheckReadable(path); err != nil {
			return nil, usageError(err)
		}
	}
	var (
		options eval.Options
		err     error
	)
	if options.Train, err = eval.ReadTable(ctx, opts.Train, codec); err != nil {
		return nil, err
	}
	if options.Holdout, err = eval.ReadTable(ctx, opts.Holdout, codec); err != nil {
		return nil, err
	}
	for _, path := range opts.Synthetic {
		table, err := eval.ReadTable(ctx, path, codec)
		if err != nil {
			return nil, err
		}
		options.Synthetic = append(options.Synthetic, eval.Named{Name: path, Table: table})
	}
	return &options, nil
}

// rulesToKeep are the rules of the config, with the maps that the model found, or
// else those of the model.
func rulesToKeep(config *configs.Config, codec *tabular.Codec, m *model.Model) ([]eval.Rule, error) {
	declared := []tabular.Rule(config.Rules)
	if len(declared) == 0 && m != nil {
		declared = m.Domain().Rules.Declared()
	}
	if m != nil {
		declared = m.Domain().Rules.Complete(declared)
	}
	rules, err := codec.CompileRules(declared)
	if err != nil {
		return nil, err
	}
	var out []eval.Rule
	for k := range rules.Len() {
		out = append(out, eval.Rule{Name: rules.Name(k), Broken: func(row []uint32) bool { return rules.Broken(k, row) }})
	}
	return out, nil
}

// statementOf is what a model says about its privacy, in the words of the report;
// nil without a model.
func statementOf(m *model.Model) *htmlreport.Statement {
	if m == nil {
		return nil
	}
	p := m.Privacy()
	out := &htmlreport.Statement{Epsilon: p.Epsilon, Delta: p.Delta, TargetEpsilon: p.TargetEpsilon, Adjacency: p.Adjacency,
		Accountant: p.Accountant, EpsilonPLD: p.EpsilonPLD, EpsilonRDP: p.EpsilonRDP, RowCount: p.RowCount,
		SampleRate: p.SampleRate, NoiseMultiplier: p.NoiseMultiplier, MaxGradNorm: p.MaxGradNorm, Steps: p.Steps,
		Insecure: p.Insecure, Warnings: p.Warnings}
	for _, e := range p.Events {
		out.Events = append(out.Events, htmlreport.Event{Stage: e.Stage, Purpose: e.Purpose, Mechanism: string(e.Mechanism),
			Count: e.Count, NoiseMultiplier: e.NoiseMultiplier, SampleRate: e.SampleRate, Epsilon: e.EpsilonAlone})
	}
	return out
}
