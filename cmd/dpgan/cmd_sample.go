package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/gan/sample"
	"github.com/dpgan/dpgan/internal/amount"
	"github.com/dpgan/dpgan/tabular"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
)

// SampleOptions are the flags of dpgan sample.
type SampleOptions struct {
	DrawOptions
	Rows    int
	Out     string
	Refine  string
	Where   []string
	Balance string
	JSON    bool
}

func newSampleCommand(s *streams) *cobra.Command {
	var opts SampleOptions
	cmd := &cobra.Command{
		Use:   "sample --model FILE --rows N",
		Short: "Draw synthetic rows from a model",
		Long: `Draw synthetic rows from a model, as CSV on stdout or into a file.

Rows cost no privacy, however many, and whatever is asked of them. The same
model, seed and device give the same rows.

--where COLUMN=WANTED draws only rows that meet a condition, and may be given
several times. WANTED is a value as the table writes it, a range LO..HI that
includes its ends, of which either may be left out, "missing" or "not missing",
or several of these separated by |. Rows are drawn from the model given the
conditions, not filtered, so rare ones cost no time; how probable they are in
the model is printed. They are refined like others, towards the frequencies
that the model gives such rows.

--balance COLUMN draws each value of a listed column equally often, for instance
to learn a rare class; missing cells only if --where names them.

--sets M writes M independent samples, named synthetic-1.csv and so on, for
estimates with multiple synthetic tables: see docs/pooling.md.
`,
		Example: `  dpgan sample --model runs/eps1/model.safetensors --rows 1000 --out synthetic.csv
  dpgan sample --model runs/eps1/model.safetensors --rows 5
  dpgan sample -m model.safetensors -n 1000 --where smoker=yes --where age=40..60 --where 'ward=surgery|medicine'
  dpgan sample -m model.safetensors -n 1000 --where cost=..1000 --where bmi=missing --balance ward`,
		RunE: func(cmd *cobra.Command, _ []string) error { return runSample(cmd.Context(), opts, s) },
	}
	f := cmd.Flags()
	opts.flags(f, "number of independent samples; needs --out")
	f.IntVarP(&opts.Rows, "rows", "n", 0, "number of rows")
	f.StringVarP(&opts.Out, "out", "o", "", "`file` to write: .csv, .csv.gz or .parquet (default CSV on stdout)")
	f.StringVar(&opts.Refine, "refine", sample.RefineAuto, "what the sample is brought closer to: moments, none, or auto")
	f.StringArrayVar(&opts.Where, "where", nil, "`COLUMN=WANTED` that all rows meet: a value, LO..HI, missing, or several separated by |")
	f.StringVar(&opts.Balance, "balance", "", "`COLUMN` of which each value is drawn equally often")
	f.BoolVar(&opts.JSON, "json", false, "print one JSON summary, and no bar; needs --out")
	return cmd
}

func (o *SampleOptions) validate() error {
	errs := o.DrawOptions.validate("sample")
	if o.Rows < 1 {
		errs = append(errs, fmt.Errorf("sample: --rows=%d: must be at least 1", o.Rows))
	}
	if o.Sets > 1 && o.Out == "" {
		errs = append(errs, errors.New("sample: --sets needs --out, since stdout takes one table"))
	}
	if o.JSON && o.Out == "" {
		errs = append(errs, errors.New("sample: --json needs --out, since the rows take stdout"))
	}
	return errors.Join(errs...)
}

func runSample(ctx context.Context, opts SampleOptions, s *streams) (err error) {
	if err := opts.validate(); err != nil {
		return usageError(err)
	}
	model, dev, seed, err := opts.open(s)
	if err != nil {
		return err
	}
	defer func() { _ = dev.Close() }()
	start, probability, outs := time.Now(), 1.0, []string(nil)
	for set := 1; set <= opts.Sets; set++ {
		out := setPath(opts.Out, set, opts.Sets)
		config := sample.Config{Seed: setSeed(seed, set, opts.Sets), Rows: opts.Rows,
			Refine: opts.Refine, Where: opts.Where, Balance: opts.Balance}
		sampler, err := sampleTable(ctx, dev, model, config, out, opts.JSON, s)
		if err != nil {
			return conditionUsage("sample", err)
		}
		if set == 1 && len(sampler.Absent()) > 0 {
			s.log.Warn("the model gives some values no share, so none is drawn", "balance", opts.Balance, "values", sampler.Absent())
		}
		probability, outs = sampler.Probability(), append(outs, out)
	}
	if opts.Out == "" {
		return nil
	}
	return opts.report(model, seed, time.Since(start).Seconds(), probability, outs, s)
}

// sampleTable draws one table and writes it to out.
func sampleTable(ctx context.Context, dev device.Device, model *model.Model, config sample.Config, out string, quiet bool, s *streams) (sampler *sample.Sampler, err error) {
	if sampler, err = sample.New(dev, model, config); err != nil {
		return nil, err
	}
	table, err := openTable(out, model.Domain().Codec, s)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, table.Abort()) }()
	bar := newBar(s, int64(config.Rows), !quiet && (out != "" || !s.outTerminal), progressbar.OptionShowIts(), progressbar.OptionSetItsString("rows"))
	err = writeRows(ctx, table, sampler, func(n int) { _ = bar.Add(n) })
	endBar(s, bar)
	return sampler, err
}

// report says what was written.
func (o *SampleOptions) report(model *model.Model, seed uint64, seconds, probability float64, outs []string, s *streams) error {
	privacy := model.Privacy()
	if o.JSON {
		summary := sampleSummary{MessageType: "summary", Rows: o.Rows, Seconds: seconds, Out: o.Out, Seed: seed,
			Epsilon: privacy.Epsilon, Delta: privacy.Delta, Insecure: privacy.Insecure}
		if len(o.Where) > 0 {
			summary.WhereProbability = &probability
		}
		if o.Sets > 1 {
			summary.Outs = outs
		}
		return s.json(summary)
	}
	text := fmt.Sprintf("wrote    %s to %s", amount.Of(o.Rows, "row"), outs[0])
	if o.Sets > 1 {
		text = fmt.Sprintf("wrote    %s each to %s … %s", amount.Of(o.Rows, "row"), outs[0], outs[len(outs)-1])
	}
	if err := s.print("%s in %.2gs\n", text, seconds); err != nil || len(o.Where) == 0 {
		return err
	}
	return s.print("where    the model gives such rows a probability of %.3g\n", probability)
}

// openTable opens out for rows: stdout and what is not a regular file, such as
// a pipe, as a stream of CSV; else a file that takes its name when it is complete.
func openTable(out string, codec *tabular.Codec, s *streams) (*tabular.Writer, error) {
	if out == "" {
		return tabular.NewStreamWriter(s.out, codec), nil
	}
	if info, err := os.Stat(out); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		f, err := os.OpenFile(out, os.O_WRONLY, 0)
		if err != nil {
			return nil, usageError(fmt.Errorf("out: %w", err))
		}
		return tabular.NewStreamWriter(f, codec), nil
	}
	w, err := tabular.NewWriter(out, codec)
	if err != nil {
		return nil, usageError(err)
	}
	return w, nil
}

// writeRows draws and writes the rows, some at a time, and closes the table.
func writeRows(ctx context.Context, table *tabular.Writer, sampler *sample.Sampler, wrote func(int)) error {
	for columns, err := range sampler.All() {
		if err == nil {
			err = table.Write(columns)
		}
		if err != nil {
			return err
		}
		wrote(len(columns[0]))
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("interrupted; nothing is left of the output file (%w)", err)
		}
	}
	return table.Close()
}

// sampleSummary is the line of sample --json.
type sampleSummary struct {
	MessageType string  `json:"message_type"`
	Rows        int     `json:"rows"`
	Seconds     float64 `json:"seconds"`
	Out         string  `json:"out"`
	Seed        uint64  `json:"seed"`
	Epsilon     float64 `json:"epsilon"`
	Delta       float64 `json:"delta"`
	Insecure    bool    `json:"insecure,omitempty"`
	// WhereProbability is that of the conditions in the model.
	WhereProbability *float64 `json:"where_probability,omitempty"`
	// Outs are the tables, if there are several.
	Outs []string `json:"outs,omitempty"`
}
