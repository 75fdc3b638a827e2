package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/dpgan/dpgan/gan/sample"
	"github.com/dpgan/dpgan/internal/amount"
	"github.com/spf13/cobra"
)

// ImputeOptions are the flags of dpgan impute.
type ImputeOptions struct {
	DrawOptions
	In      string
	Out     string
	Columns []string
	JSON    bool
}

func newImputeCommand(s *streams) *cobra.Command {
	var opts ImputeOptions
	cmd := &cobra.Command{
		Use:   "impute --model FILE --in TABLE --out TABLE",
		Short: "Fill the missing cells of a table from a model",
		Long: `Fill the missing cells of a table with draws from a model, given the rest of their
row. The table has the columns of the model's schema, in any order.

The result holds the rows of --in. It is NOT synthetic and as private as --in:
only what the model itself says is covered by its epsilon.

Cells that are not missing stay as they are written, but for spaces and quotes
around them. Where --in or --out is Parquet, they are what the schema reads:
rounded to its precision, and clamped where it says so.

Missing cells of all columns are filled, or only those of --columns. In a column
that is nullable and not filled, "missing" is a value that says something about
the others. A cell is drawn as if it were missing for no reason that the rest of
its row does not tell.

--sets M writes M tables, filled independently, named out-1.csv and so on, for
multiple imputation: see docs/pooling.md.
`,
		Example: `  dpgan impute --model runs/eps1/model.safetensors --in cohort.csv --out filled.csv
  dpgan impute -m model.safetensors --in cohort.csv --out filled.csv --columns bmi,smoker --sets 20`,
		RunE: func(cmd *cobra.Command, _ []string) error { return runImpute(cmd.Context(), opts, s) },
	}
	f := cmd.Flags()
	opts.flags(f, "number of tables, filled independently")
	f.StringVarP(&opts.In, "in", "i", "", "`file` to fill: .csv, .csv.gz or .parquet")
	f.StringVarP(&opts.Out, "out", "o", "", "`file` to write: .csv, .csv.gz or .parquet")
	f.StringSliceVar(&opts.Columns, "columns", nil, "`names` of the columns to fill, separated by commas (default all)")
	f.BoolVar(&opts.JSON, "json", false, "print one JSON summary")
	return cmd
}

func (o *ImputeOptions) validate() error {
	errs := o.DrawOptions.validate("impute")
	for _, flag := range []struct{ name, value, what string }{
		{"in", o.In, "the table to fill"}, {"out", o.Out, "the table to write"},
	} {
		if flag.value == "" {
			errs = append(errs, fmt.Errorf("impute: --%s is missing: name %s", flag.name, flag.what))
		}
	}
	return errors.Join(append(errs, o.keepInput())...)
}

// keepInput refuses to write over the table that is read.
func (o *ImputeOptions) keepInput() error {
	in, err := os.Stat(o.In)
	if err != nil {
		return nil // reading it says more
	}
	for set := 1; set <= o.Sets; set++ {
		if out, err := os.Stat(setPath(o.Out, set, o.Sets)); err == nil && os.SameFile(in, out) {
			return fmt.Errorf("impute: --out=%s is the table of --in: write to another file", o.Out)
		}
	}
	return nil
}

func runImpute(ctx context.Context, opts ImputeOptions, s *streams) error {
	if err := opts.validate(); err != nil {
		return usageError(err)
	}
	model, dev, seed, err := opts.open(s)
	if err != nil {
		return err
	}
	defer func() { _ = dev.Close() }()
	start, summary := time.Now(), imputeSummary{MessageType: "summary", Out: opts.Out, Seed: seed,
		NotPrivate: "the rows are those of --in: as private as they were, not synthetic", Insecure: model.Privacy().Insecure}
	for set := 1; set <= opts.Sets; set++ {
		imputer, err := sample.NewImputer(dev, model, sample.ImputeConfig{Seed: setSeed(seed, set, opts.Sets), Columns: opts.Columns})
		if err != nil {
			return conditionUsage("impute", err)
		}
		out := setPath(opts.Out, set, opts.Sets)
		if summary.Rows, summary.Filled, err = imputer.FillFile(ctx, opts.In, out); err != nil {
			return conditionUsage("impute", err)
		}
		if set == 1 && imputer.Broken() > 0 {
			s.log.Warn("rows break the model's rules, since cells that are not missing do", "rows", imputer.Broken())
		}
		if opts.Sets > 1 {
			summary.Outs = append(summary.Outs, out)
		}
	}
	summary.Seconds = time.Since(start).Seconds()
	if opts.JSON {
		return s.json(summary)
	}
	text := "filled   %s of %s into %s in %.2gs\n"
	if opts.Sets > 1 {
		text = "filled   %s of %s, several times, into %s … in %.2gs\n"
	}
	if err := s.print(text, amount.Of(summary.Filled, "cell"), amount.Of(summary.Rows, "row"), setPath(opts.Out, 1, opts.Sets), summary.Seconds); err != nil {
		return err
	}
	return s.print("private  the rows are those of %s: as private as they were, not synthetic\n", opts.In)
}

// imputeSummary is the line of impute --json.
type imputeSummary struct {
	MessageType string  `json:"message_type"`
	Rows        int     `json:"rows"`
	Filled      int     `json:"filled"`
	Seconds     float64 `json:"seconds"`
	Out         string  `json:"out"`
	Seed        uint64  `json:"seed"`
	// Outs are the tables, if there are several.
	Outs []string `json:"outs,omitempty"`
	// NotPrivate says what the tables hold, Insecure what the filled cells come from.
	NotPrivate string `json:"not_private"`
	Insecure   bool   `json:"insecure,omitempty"`
}
