package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/dpgan/dpgan/configs"
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/reference"
	"github.com/dpgan/dpgan/internal/amount"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
)

// VerifyOptions are the flags of dpgan verify.
type VerifyOptions struct {
	Devices   []string
	Precision string
	Steps     int
	JSON      bool
}

// errUnfaithful is the verdict of verify, not a fault of its run.
var errUnfaithful = errors.New("verify: a device differs from the reference by more than rounding explains: do not train on it, and report it")

// defaultVerifySteps make half as many generator steps.
const defaultVerifySteps = 40

func newVerifyCommand(s *streams) *cobra.Command {
	opts := VerifyOptions{Devices: []string{configs.DeviceCPU}, Precision: device.SinglePrecision.String(), Steps: defaultVerifySteps}
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Compare a device with the reference, step by step",
		Long: `Train a small model on a simulated table, on a device and on the reference, the
same nets as gorgonia expression graphs in float64, with the same random
numbers, and compare all that they learned: for each parameter the largest
difference, relative to its largest value, beside what rounding may explain. In
tf32 and bfloat16, whose rounding turns single units over, all parameters of a net
are compared together, by the root of their mean square.
`,
		Example: "  dpgan verify --device cpu,cuda\n  dpgan verify --device cuda --precision tf32",
		RunE:    func(cmd *cobra.Command, _ []string) error { return runVerify(cmd.Context(), opts, s) },
	}
	f := cmd.Flags()
	f.StringSliceVar(&opts.Devices, "device", opts.Devices, "`devices` to verify: cpu, cuda, cuda:1")
	f.StringVar(&opts.Precision, "precision", opts.Precision, "`precision` of products of matrices, as runtime.precision: "+strings.Join(device.PrecisionNames(), ", "))
	f.IntVar(&opts.Steps, "steps", opts.Steps, "discriminator steps; every second is followed by a generator step")
	f.BoolVar(&opts.JSON, "json", false, "print one JSON report a device, and no bar")
	return cmd
}

func runVerify(ctx context.Context, opts VerifyOptions, s *streams) error {
	if opts.Steps < 1 {
		return usageError(fmt.Errorf("verify: --steps=%d: must be at least 1", opts.Steps))
	}
	precision, known := device.ParsePrecision(opts.Precision)
	if !known {
		return usageError(fmt.Errorf("verify: --precision=%s: must be one of %s", opts.Precision, strings.Join(device.PrecisionNames(), ", ")))
	}
	for _, name := range opts.Devices {
		_, _, err := configs.ParseDevice(name)
		if kind, _, _ := strings.Cut(name, ":"); kind != configs.DeviceCPU && kind != configs.DeviceCUDA {
			err = errors.New("must be cpu, cuda or both with a comma")
		}
		if err != nil {
			return usageError(fmt.Errorf("verify: --device=%s: %w", name, err))
		}
	}
	verified := true
	for _, name := range opts.Devices {
		report, err := verifyDevice(ctx, name, precision, opts, s)
		if err != nil {
			return err
		}
		if opts.JSON {
			err = s.json(report)
		} else {
			err = printReport(s, report)
		}
		if err != nil {
			return err
		}
		verified = verified && report.OK
	}
	if !verified {
		return errUnfaithful
	}
	return nil
}

func verifyDevice(ctx context.Context, name string, precision device.Precision, opts VerifyOptions, s *streams) (reference.Report, error) {
	dev, err := openDevice(name, 0, precision, s.log)
	if err != nil {
		return reference.Report{}, err
	}
	defer func() { _ = dev.Close() }()
	bar := newBar(s, int64(opts.Steps), !opts.JSON, progressbar.OptionSetDescription("verify "+name))
	report, err := reference.Verify(ctx, dev, opts.Steps, func(step, _ int) { _ = bar.Set(step) })
	endBar(s, bar)
	return report, err
}

// printReport lists the largest relative difference of each tensor and counter,
// then the verdict.
func printReport(s *streams, r reference.Report) error {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, p := range r.Parameters {
		verdict := ""
		if !p.OK {
			verdict = "  DIFFERS"
		}
		_, _ = fmt.Fprintf(table, "%s\t%v\t%.2g\tof %.2g%s\n", p.Name, p.Shape, p.Difference, p.Tolerance, verdict)
	}
	_ = table.Flush() // into memory
	verdict := "equals"
	if !r.OK {
		verdict = "DIFFERS from"
	}
	return s.print("%s%s in %s: %s the reference after %s\n", text.String(), r.Device, r.Precision, verdict, amount.Of(r.Steps, "discriminator step"))
}
