package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dpgan/dpgan/bench"
	"github.com/dpgan/dpgan/configs"
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/internal/atomicfile"
	"github.com/dpgan/dpgan/internal/cohort"
	"github.com/dpgan/dpgan/tabular"
	"github.com/spf13/cobra"
)

// BenchOptions are the flags of dpgan bench.
type BenchOptions struct {
	Devices       []string
	Precision     string
	BudgetSeconds float64
	Data          string
	Out           string
	JSON          bool
	bench.Config
}

func newBenchCommand(s *streams) *cobra.Command {
	opts := BenchOptions{Devices: []string{configs.DeviceCPU}, Precision: device.SinglePrecision.String(), BudgetSeconds: 60}
	var about strings.Builder
	for _, suite := range bench.Suites() {
		fmt.Fprintf(&about, "  %-14s %s\n", suite.Name, suite.About)
	}
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Time the engine: steps, the price of privacy, training, sampling",
		Long: `Time the engine. What is compared runs in turns, so a busy machine blurs
times more than ratios; a row is the median of the rounds, and its share of the
peak is of a product of large matrices in the same rounds. The suites:

` + about.String() + `
A case that does not fit, or would take longer than --budget-seconds, gives a
line that says so. docs/bench.md explains every column.
`,
		Example: `  dpgan bench --quick
  dpgan bench --suite step-micro,dp-tax --threads 1,2
  dpgan bench --device cpu,cuda --suite step-micro --json --out step.jsonl`,
		RunE: func(cmd *cobra.Command, _ []string) error { return runBench(cmd.Context(), opts, s) },
	}
	f := cmd.Flags()
	f.StringSliceVar(&opts.Devices, "device", opts.Devices, "`devices` to time: cpu, cuda, cuda:1; the others are compared with the first")
	f.StringVar(&opts.Precision, "precision", opts.Precision, "what products of matrices round to: "+strings.Join(device.PrecisionNames(), ", "))
	f.StringSliceVar(&opts.Suites, "suite", nil, "`suites` to run (default all)")
	f.IntSliceVar(&opts.Threads, "threads", nil, "numbers of `threads` of the CPU to go through (default all cores)")
	f.BoolVar(&opts.Quick, "quick", false, "small cases: seconds, to see that all works")
	f.IntVar(&opts.Batch, "batch", 0, "rows of a step (default the suite's own)")
	f.IntVar(&opts.Dim, "dim", 0, "cells of a row in the step suites (default the suite's own)")
	f.IntSliceVar(&opts.Hidden, "hidden", nil, "`widths` of the discriminator's hidden layers in the step suites (default 256,256)")
	f.IntVar(&opts.Runs, "runs", 0, "rounds, at least 5 (default 7, or 5 with --quick)")
	f.Float64Var(&opts.BudgetSeconds, "budget-seconds", opts.BudgetSeconds, "time that one case may take")
	f.StringVar(&opts.Data, "data", "", "Adult as a `file`, or the folder that holds adult_train.csv.gz (default the folder DPGAN_DATA)")
	f.StringVarP(&opts.Out, "out", "o", "", "also write the JSON lines to this `file`")
	f.BoolVar(&opts.JSON, "json", false, "print one JSON object a line, and no table")
	return cmd
}

func (o *BenchOptions) validate() error {
	var errs []error
	for i, name := range o.Devices {
		kind, _, err := configs.ParseDevice(name)
		switch {
		case err != nil:
		case kind != configs.DeviceCPU && kind != configs.DeviceCUDA:
			err = errors.New("must be cpu, cuda or both with a comma")
		case slices.Contains(o.Devices[:i], name):
			err = errors.New("must be named once")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("bench: --device=%s: %w", name, err))
		}
	}
	if _, known := device.ParsePrecision(o.Precision); !known {
		errs = append(errs, fmt.Errorf("bench: --precision=%s: must be one of %s", o.Precision, strings.Join(device.PrecisionNames(), ", ")))
	}
	if !(o.BudgetSeconds > 0 && o.BudgetSeconds <= 1e6) {
		errs = append(errs, fmt.Errorf("bench: --budget-seconds=%g: must be above 0 and at most 1e6", o.BudgetSeconds))
	}
	return errors.Join(append(errs, o.Validate())...)
}

func runBench(ctx context.Context, opts BenchOptions, s *streams) (err error) {
	if err := opts.validate(); err != nil {
		return usageError(err)
	}
	lines, err := openLines(opts.Out)
	if err != nil {
		return usageError(err)
	}
	defer func() { err = errors.Join(err, lines.Close()) }()
	folder, err := os.MkdirTemp("", "dpgan-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if err := opts.tables(folder); err != nil {
		return err
	}
	opts.Budget = time.Duration(opts.BudgetSeconds * float64(time.Second))
	opts.Progress = func(what string) { s.log.Info("bench", "case", what) }
	report := &benchReport{s: s, json: opts.JSON, lines: json.NewEncoder(lines)}
	failed := bench.Run(ctx, opts.Config, opts.targets(s), report.add)
	return errors.Join(failed, report.finish()) // what was timed is shown in any case
}

// openLines creates the file of --out, or something that forgets.
func openLines(path string) (io.WriteCloser, error) {
	if path == "" {
		return discard{}, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("out: %w", err)
	}
	return f, nil
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) Close() error                { return nil }

func (o *BenchOptions) targets(s *streams) []bench.Target {
	precision, _ := device.ParsePrecision(o.Precision) // validated
	var targets []bench.Target
	for _, name := range o.Devices {
		targets = append(targets, bench.Target{Name: name, Host: name == configs.DeviceCPU,
			Open: func(threads int) (device.Device, error) { return openDevice(name, threads, precision, s.log) }})
	}
	return targets
}

// tables sets the tables to train on: a demo table in folder, and Adult if the
// user names it.
func (o *BenchOptions) tables(folder string) error {
	rows, training := cohort.Rows, benchTraining{steps: 200, batch: 15_000}
	if o.Quick {
		rows, training = 3000, benchTraining{steps: 20, batch: 1500, atoms: 64}
	}
	wanted := func(suites ...string) bool {
		return len(o.Suites) == 0 || slices.ContainsFunc(suites, func(name string) bool { return slices.Contains(o.Suites, name) })
	}
	if wanted("e2e", "sample") {
		path := filepath.Join(folder, "medical.csv")
		if err := atomicfile.Write(path, func(w io.Writer) error { return cohort.Write(w, rows, 1) }); err != nil {
			return err
		}
		demo, err := benchTable("demo", configs.Medical, path, training)
		if err != nil {
			return err
		}
		o.Demo = demo
	}
	path := o.Data
	if path == "" {
		path = os.Getenv("DPGAN_DATA")
	}
	if path == "" || !wanted("e2e-adult") {
		return nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "adult_train.csv.gz")
	}
	if err := tabular.CheckReadable(path); err != nil {
		return usageError(fmt.Errorf("bench: data: %w", err))
	}
	adult, err := benchTable("adult", configs.Adult, path, training)
	o.Adult = adult
	return err
}

// benchTraining is how long the trainings are that are timed: about what auto is for
// either table; atoms of 0 are auto.
type benchTraining struct{ steps, batch, atoms int }

// benchTable is an embedded config's training on the table at path. The
// environment has no say: a benchmark is the same everywhere.
func benchTable(name string, text []byte, path string, training benchTraining) (*bench.Table, error) {
	config, _, err := mergeConfig(text, configSources{file: name + ".yaml"})
	if err != nil {
		return nil, err
	}
	schema := config.Data.Schema()
	table := &bench.Table{Name: name, Path: path}
	t := &table.Settings
	t.Model, t.Training, t.Privacy, t.CheckpointEvery = config.Model, config.Training, config.Privacy, config.Runtime.CheckpointEvery
	t.Training.Steps, t.Training.BatchSize, t.Model.Generator.Atoms = training.steps, training.batch, training.atoms
	codec, err := schema.Compile()
	if err != nil {
		return nil, err
	}
	t.Domain, err = tabular.NewDomain(codec, nil)
	return table, err
}

// benchReport collects rows and prints them.
type benchReport struct {
	s     *streams
	json  bool
	lines *json.Encoder // of --out
	rows  []bench.Row
	err   error // the first of a line that could not be written
}

func (b *benchReport) add(row bench.Row) {
	b.rows = append(b.rows, row)
	b.line(row)
}

func (b *benchReport) line(v any) {
	if err := b.lines.Encode(v); err != nil && b.err == nil {
		b.err = fmt.Errorf("out: %w", err)
	}
	if b.json && b.err == nil {
		b.err = b.s.json(v)
	}
}

func (b *benchReport) finish() error {
	summaries := bench.Summarize(b.rows)
	for _, summary := range summaries {
		b.line(summary)
	}
	if b.json || b.err != nil || len(b.rows) == 0 {
		return b.err
	}
	var text bytes.Buffer
	b.table(&text)
	for _, summary := range summaries {
		fmt.Fprintln(&text, summary)
	}
	return b.s.print("%s", text.String())
}
