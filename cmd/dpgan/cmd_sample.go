package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/tabular"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
)

// SampleOptions are the flags of dpgan sample.
type SampleOptions struct {
	Model   string
	Rows    int
	Out     string
	Seed    *uint64
	Refine  string
	Device  string
	Threads int
	JSON    bool
}

// sampleBatch is how many rows a device generates at a time. The rows of a seed
// depend on it, so it is no option.
const sampleBatch = 4096

func newSampleCommand(s *streams) *cobra.Command {
	opts := SampleOptions{Device: deviceCPU}
	cmd := &cobra.Command{
		Use:   "sample --model FILE --rows N",
		Short: "Draw synthetic rows from a model",
		Long: `Draw synthetic rows from a model, as CSV on stdout or into a file.

Rows cost no privacy, however many. Memory does not grow with their number. The
same model, seed and device give the same rows; a shorter sample is a prefix of
a longer one.
`,
		Example: `  dpgan sample --model runs/eps1/model.safetensors --rows 1000 --out synthetic.csv
  dpgan sample --model runs/eps1/model.safetensors --rows 5`,
		RunE: func(cmd *cobra.Command, _ []string) error { return runSample(cmd.Context(), opts, s) },
	}
	f := cmd.Flags()
	f.StringVarP(&opts.Model, "model", "m", "", "model.safetensors `file` of a training run")
	f.IntVarP(&opts.Rows, "rows", "n", 0, "number of rows")
	f.StringVarP(&opts.Out, "out", "o", "", "`file` to write: .csv, .csv.gz or .parquet (default CSV on stdout)")
	f.Var(newOptionalUint(&opts.Seed), "seed", "repeat the rows of this seed (default a random one)")
	f.StringVar(&opts.Refine, "refine", gan.RefineAuto, "what the sample is brought closer to: discriminator, moments, none, or auto")
	f.StringVar(&opts.Device, "device", opts.Device, "`device` that computes: auto, cpu, cuda")
	f.IntVar(&opts.Threads, "threads", 0, "threads of the CPU; 0: all cores")
	f.BoolVar(&opts.JSON, "json", false, "print one JSON summary, and no bar; needs --out")
	return cmd
}

func (o *SampleOptions) validate() error {
	var errs []error
	if o.Model == "" {
		errs = append(errs, errors.New("sample: --model is missing: name the model.safetensors of a training run"))
	}
	if o.Rows < 1 {
		errs = append(errs, fmt.Errorf("sample: --rows=%d: must be at least 1", o.Rows))
	}
	if o.Threads < 0 {
		errs = append(errs, fmt.Errorf("sample: --threads=%d: must be at least 0", o.Threads))
	}
	if o.JSON && o.Out == "" {
		errs = append(errs, errors.New("sample: --json needs --out, since the rows take stdout"))
	}
	if o.Device == deviceReference {
		errs = append(errs, errors.New("sample: --device=reference only trains: name auto, cpu or cuda"))
	}
	return errors.Join(errs...)
}

func runSample(ctx context.Context, opts SampleOptions, s *streams) (err error) {
	if err := opts.validate(); err != nil {
		return usageError(err)
	}
	model, err := gan.LoadModel(opts.Model)
	if err != nil {
		return usageError(err)
	}
	if model.Privacy().Insecure {
		s.log.Warn(gan.InsecureWarning, "model", opts.Model)
	}
	dev, err := openDevice(opts.Device, opts.Threads, device.SinglePrecision, s.log)
	if err != nil {
		return err
	}
	defer func() { _ = dev.Close() }()
	seed, err := opts.seed()
	if err != nil {
		return err
	}
	sampler, err := gan.NewSampler(dev, model, gan.SampleConfig{Seed: seed, Rows: opts.Rows, Batch: sampleBatch, Refine: opts.Refine})
	if err != nil {
		return err
	}
	table, err := openTable(opts.Out, model.Codec(), s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, table.Abort()) }()
	start := time.Now()
	bar := newBar(s, int64(opts.Rows), !opts.JSON && (opts.Out != "" || !s.outTerminal), progressbar.OptionShowIts(), progressbar.OptionSetItsString("rows"))
	err = writeRows(ctx, table, sampler, opts.Rows, func(n int) { _ = bar.Add(n) })
	endBar(s, bar)
	if err != nil || opts.Out == "" {
		return err
	}
	privacy, seconds := model.Privacy(), time.Since(start).Seconds()
	if opts.JSON {
		return s.json(sampleSummary{"summary", opts.Rows, seconds, opts.Out, seed, privacy.Epsilon, privacy.Delta, privacy.Insecure})
	}
	return s.print("wrote    %s to %s in %.2gs\n", plural(opts.Rows, "row"), opts.Out, seconds)
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

// writeRows draws and writes rows batch by batch, and closes the table.
func writeRows(ctx context.Context, table *tabular.Writer, sampler *gan.Sampler, rows int, wrote func(int)) error {
	for left := rows; left > 0; {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("interrupted; nothing is left of the output file (%w)", err)
		}
		columns, err := sampler.Next(min(left, sampleBatch))
		if err != nil {
			return err
		}
		if err := table.Write(columns); err != nil {
			return err
		}
		n := len(columns[0])
		left -= n
		wrote(n)
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
}

// seed is the one given, or a random one of 53 bits, which every JSON reader
// keeps exactly. It repeats public randomness and protects nothing.
func (o *SampleOptions) seed() (uint64, error) {
	if o.Seed != nil {
		return *o.Seed, nil
	}
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return 0, fmt.Errorf("sample: seed: %w", err)
	}
	return binary.LittleEndian.Uint64(b[:]) >> 11, nil
}
