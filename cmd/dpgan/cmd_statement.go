package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/internal/atomicfile"
	"github.com/spf13/cobra"
)

// StatementOptions are the flags of dpgan statement.
type StatementOptions struct {
	Model  string
	Format string
	Out    string
}

// The formats of a statement.
const (
	formatText     = "text"
	formatMarkdown = "markdown"
	formatJSON     = "json"
)

func newStatementCommand(s *streams) *cobra.Command {
	opts, asJSON := StatementOptions{}, false
	cmd := &cobra.Command{
		Use:   "statement MODEL",
		Short: "Say on one page what a model promises about the rows, and what it does not",
		Long: `Say on one page what a model promises about the rows that it was trained on, and
what it does not: the unit of privacy, ε and δ in words, every release with its cost,
what is taken as public, who is trusted, and what remains open. These are the points
that NIST SP 800-226 (Guidelines for Evaluating Differential Privacy Guarantees, 2025)
wants known of a guarantee. All of it stands in the model file; no data is opened.
`,
		Example: `  dpgan statement run/model.safetensors
  dpgan statement run/model.safetensors --format markdown --out PRIVACY.md`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if opts.Model = args[0]; asJSON {
				opts.Format = formatJSON
			}
			return runStatement(opts, s)
		},
	}
	f := cmd.Flags()
	f.StringVar(&opts.Format, "format", formatText, "text, markdown or json")
	f.BoolVar(&asJSON, "json", false, "the same as --format json")
	f.StringVarP(&opts.Out, "out", "o", "", "write to this `file` instead of stdout")
	return cmd
}

func runStatement(opts StatementOptions, s *streams) error {
	write, known := map[string]func(*sheet) (string, error){
		formatText: sheetText, formatMarkdown: sheetMarkdown, formatJSON: sheetJSON,
	}[opts.Format]
	if !known {
		return usageError(fmt.Errorf("statement: --format=%s: must be text, markdown or json", opts.Format))
	}
	model, err := model.Load(opts.Model)
	if err != nil {
		return usageError(err)
	}
	text, err := write(newSheet(opts.Model, model))
	if err != nil {
		return err
	}
	if opts.Out == "" {
		return s.print("%s", text)
	}
	return atomicfile.Write(opts.Out, func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
}

func sheetJSON(p *sheet) (string, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("statement: %w", err)
	}
	return string(text) + "\n", nil
}
