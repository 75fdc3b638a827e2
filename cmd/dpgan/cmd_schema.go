package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/gan/discovery"
	"github.com/dpgan/dpgan/gan/plan"
	"github.com/dpgan/dpgan/internal/amount"
	"github.com/dpgan/dpgan/internal/atomicfile"
	"github.com/dpgan/dpgan/internal/runfolder"
	"github.com/dpgan/dpgan/tabular"
	"github.com/spf13/cobra"
)

// SchemaOptions are the flags of dpgan schema.
type SchemaOptions struct {
	File  string
	Out   string
	Delta float64
	JSON  bool
}

func newSchemaCommand(s *streams) *cobra.Command {
	opts := SchemaOptions{Delta: 1e-5}
	cmd := &cobra.Command{
		Use:   "schema FILE",
		Short: "Draft a config from the header of a table",
		Long: `Draft a config from the header of a table, and list what it leaves undeclared and
what finding it in the data would cost.

Only the column names are read. Types are guessed from the names: check each. No
row is looked at, so the draft costs no privacy. Make sure that the first line is a
header: a row of data in its place would end up in the draft.
`,
		Example: "  dpgan schema patients.csv --out patients.yaml",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			opts.File = args[0]
			return runSchema(opts, s)
		},
	}
	cmd.Flags().StringVarP(&opts.Out, "out", "o", "", "`file` to write the draft to (default stdout)")
	cmd.Flags().Float64Var(&opts.Delta, "delta", opts.Delta, "delta at which costs are stated; below 1 / rows")
	cmd.Flags().BoolVar(&opts.JSON, "json", false, "print what is undeclared as one JSON object; needs --out")
	return cmd
}

// schemaReport is what schema says of a draft.
type schemaReport struct {
	Config     string        `json:"config"`
	Columns    int           `json:"columns"`
	Undeclared []draftGap    `json:"undeclared"`
	Discovery  []draftPriced `json:"discovery"`
	// Epsilon of all questions together, as suggested.
	Epsilon float64 `json:"epsilon"`
	Delta   float64 `json:"delta"`
}

type draftGap struct {
	Column string       `json:"column"`
	Fact   tabular.Fact `json:"fact"`
}

type draftPriced struct {
	Key          string  `json:"key"`
	Epsilon      float64 `json:"epsilon"`
	Columns      int     `json:"columns"`
	EpsilonAlone float64 `json:"epsilon_alone"`
	Rows         int64   `json:"rows"`
	text         string
}

func runSchema(opts SchemaOptions, s *streams) error {
	if opts.JSON && opts.Out == "" {
		return usageError(errors.New("schema: --json needs --out, since the draft takes stdout"))
	}
	if !(opts.Delta > 0 && opts.Delta < 1) {
		return usageError(fmt.Errorf("schema: --delta=%g: must lie between 0 and 1", opts.Delta))
	}
	if err := tabular.CheckReadable(opts.File); err != nil {
		return usageError(fmt.Errorf("schema: %w", err))
	}
	if opts.Out != "" && runfolder.Exists(opts.Out) {
		return usageError(fmt.Errorf("schema: out=%s: exists: name another file", opts.Out))
	}
	header, err := tabular.Header(opts.File)
	if err != nil {
		return err
	}
	schema := tabular.Schema{Missing: []string{""}}
	for _, name := range header {
		schema.Columns = append(schema.Columns, tabular.Column{Name: name, Type: guessType(name)})
	}
	report, err := priceDraft(schema, opts)
	if err != nil {
		return err
	}
	draft := report.draft(opts, schema)
	if opts.Out == "" {
		return s.print("%s%s", draft, commented(report.text()))
	}
	if err := atomicfile.Write(opts.Out, func(w io.Writer) error { _, err := io.WriteString(w, draft); return err }); err != nil {
		return err
	}
	if opts.JSON {
		return s.json(report)
	}
	return s.print("wrote      %s\n%s", opts.Out, report.text())
}

// priceDraft lists the gaps of schema and what the suggested discovery costs.
func priceDraft(schema tabular.Schema, opts SchemaOptions) (*schemaReport, error) {
	privacy := dpsgd.DefaultConfig()
	privacy.TargetDelta, privacy.Discovery, privacy.RowCount = opts.Delta, plan.SuggestedDiscovery(), dpsgd.RowCountDiscovered
	gaps, _ := discovery.Undeclared(schema, privacy)
	budget, err := dpsgd.PlanBudget(privacy)
	if err != nil {
		return nil, err
	}
	prices, err := plan.ChargeDiscovery(budget, privacy, gaps)
	if err != nil {
		return nil, err
	}
	r := &schemaReport{Config: opts.Out, Columns: len(schema.Columns), Delta: opts.Delta, Undeclared: []draftGap{}, Discovery: []draftPriced{}}
	for _, gap := range gaps {
		r.Undeclared = append(r.Undeclared, draftGap{gap.Name, gap.Fact})
	}
	for _, p := range prices {
		r.Discovery = append(r.Discovery, draftPriced{"privacy.discovery." + string(p.Question),
			privacy.Discovery.Epsilon(p.Question), p.Columns, p.Epsilon, p.Rows, plan.Buys(p)})
	}
	r.Epsilon, err = accounting.Accountant(privacy.Accountant).Epsilon(budget.Spent(), opts.Delta) // one pass: all is fixed before
	return r, err
}

func (r *schemaReport) text() string {
	var b strings.Builder
	byFact := map[tabular.Fact][]string{}
	for _, gap := range r.Undeclared {
		byFact[gap.Fact] = append(byFact[gap.Fact], gap.Column)
	}
	for _, fact := range []tabular.Fact{tabular.FactBounds, tabular.FactValues, tabular.FactNullable} {
		if names := byFact[fact]; len(names) > 0 {
			fmt.Fprintf(&b, "undeclared %s of %s: %s\n", fact, amount.Of(len(names), "column"), strings.Join(names, ", "))
		}
	}
	for _, p := range r.Discovery {
		fmt.Fprintf(&b, "discovery  %s: %g: %s\n", p.Key, p.Epsilon, p.text)
	}
	fmt.Fprintf(&b, "together   ε=%.3g at δ=%g; what is declared costs nothing\n", r.Epsilon, r.Delta)
	return b.String()
}

// draft is the config, with room for each fact that is to be declared.
func (r *schemaReport) draft(opts SchemaOptions, schema tabular.Schema) string {
	var b strings.Builder
	path := opts.File
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	fmt.Fprintf(&b, `# Drafted from the column names of %s: the types are guesses, check each. Then
# declare what you know without looking at the rows, from the code book or from what
# is possible, or pay for it with privacy.discovery.

data:
  path: %s
  missing: [""]      # the cells that mean "missing"; add nullable: true to columns that have them
  columns:
`, filepath.Base(opts.File), quoted(path))
	room := map[tabular.Type]string{
		tabular.Integer: "bounds: [0, 100]", tabular.Real: "bounds: [0, 100], precision: 2",
		tabular.Categorical: "values: [a, b]", tabular.Datetime: "bounds: [2000-01-01, 2030-12-31]",
	}
	for _, c := range schema.Columns {
		line := fmt.Sprintf("    - {name: %s, type: %s}", quoted(c.Name), c.Type)
		if fact, ok := room[c.Type]; ok {
			line += "   # " + fact
		}
		b.WriteString(line + "\n")
	}
	fmt.Fprintf(&b, `
privacy:
  target_epsilon: 1
  target_delta: %g      # below 1 over the number of rows
  row_count: public        # or discovered, with discovery.row_count
  # discovery: {bounds: %g, categories: %g, missing: %g}   # the ε of each kind of question
`, opts.Delta, plan.SuggestedDiscovery().Bounds, plan.SuggestedDiscovery().Categories, plan.SuggestedDiscovery().Missing)
	return b.String()
}

// quoted is text as YAML that can be nothing but a string.
func quoted(text string) string { return strconv.Quote(text) }

// commented puts # before each line.
func commented(text string) string {
	return "\n# " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n# ") + "\n"
}
