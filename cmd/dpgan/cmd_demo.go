package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/dpgan/dpgan/configs"
	"github.com/dpgan/dpgan/internal/amount"
	"github.com/dpgan/dpgan/internal/atomicfile"
	"github.com/dpgan/dpgan/internal/cohort"
	"github.com/spf13/cobra"
)

// DemoOptions are the flags of dpgan demo.
type DemoOptions struct {
	Out   string
	Rows  int
	Seed  uint64
	Force bool
}

func newDemoCommand(s *streams) *cobra.Command {
	opts := DemoOptions{Out: "demo", Rows: cohort.Rows, Seed: 1}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Write a simulated hospital table and a config that trains on it",
		Long: `Write medical.csv, a simulated hospital table (nobody in it exists), and
medical.yaml, the commented config that trains on it.
`,
		Example: "  dpgan demo --out demo\n  dpgan train --config demo/medical.yaml",
		RunE:    func(*cobra.Command, []string) error { return runDemo(opts, s) },
	}
	f := cmd.Flags()
	f.StringVarP(&opts.Out, "out", "o", opts.Out, "`folder` that gets the files")
	f.IntVar(&opts.Rows, "rows", opts.Rows, "rows of the table")
	f.Uint64Var(&opts.Seed, "seed", opts.Seed, "seed of the simulation")
	f.BoolVar(&opts.Force, "force", false, "overwrite files that differ")
	return cmd
}

func runDemo(opts DemoOptions, s *streams) error {
	if opts.Rows < 1 {
		return usageError(fmt.Errorf("rows=%d: must be at least 1", opts.Rows))
	}
	if err := os.MkdirAll(opts.Out, 0o755); err != nil {
		return usageError(fmt.Errorf("out=%s: cannot make the folder: %w", opts.Out, err))
	}
	table, config := filepath.Join(opts.Out, "medical.csv"), filepath.Join(opts.Out, "medical.yaml")
	files := []demoFile{
		{table, func(w io.Writer) error { return cohort.Write(w, opts.Rows, opts.Seed) }},
		{config, func(w io.Writer) error { _, err := w.Write(configs.Medical); return err }},
	}
	for _, f := range files {
		if err := f.admit(opts.Force); err != nil {
			return err
		}
	}
	for _, f := range files {
		if err := atomicfile.Write(f.path, f.write); err != nil {
			return err
		}
	}
	return s.print("%s  %s, simulated\n%s  its schema, the model and the budget\nnext: dpgan train --config %s\n",
		table, amount.Of(opts.Rows, "row"), config, config)
}

// demoFile is a file that demo writes.
type demoFile struct {
	path  string
	write func(io.Writer) error
}

// admit refuses to overwrite a file that differs from what would be written.
func (f demoFile) admit(force bool) error {
	existing, err := os.Open(f.path)
	if errors.Is(err, os.ErrNotExist) || force {
		return nil
	}
	if err != nil {
		return usageError(fmt.Errorf("out: %w", err))
	}
	defer func() { _ = existing.Close() }()
	same := &comparer{with: existing}
	if err := f.write(same); err != nil && !errors.Is(err, errDiffers) {
		return err
	}
	if !same.equal() {
		return usageError(fmt.Errorf("%s: exists and differs: --force overwrites it, --out names another folder", f.path))
	}
	return nil
}

var errDiffers = errors.New("differs")

// comparer compares what is written to it with a reader, in constant memory.
type comparer struct {
	with    io.Reader
	buffer  []byte
	differs bool
}

func (c *comparer) Write(p []byte) (int, error) {
	c.buffer = append(c.buffer[:0], p...)
	if _, err := io.ReadFull(c.with, c.buffer); err != nil || !bytes.Equal(c.buffer, p) {
		c.differs = true
		return 0, errDiffers
	}
	return len(p), nil
}

// equal tells that nothing differed and the reader is at its end.
func (c *comparer) equal() bool {
	n, _ := io.ReadFull(c.with, make([]byte, 1))
	return !c.differs && n == 0
}
