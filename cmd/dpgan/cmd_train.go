package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/dpgan/dpgan"
	"github.com/dpgan/dpgan/configs"
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/internal/amount"
	"github.com/dpgan/dpgan/internal/problems"
	"github.com/dpgan/dpgan/internal/runfolder"
	"github.com/spf13/cobra"
)

// TrainOptions are the flags of dpgan train.
type TrainOptions struct {
	Config string
	Set    []string
	Device string
	Out    string
	Resume bool
	// ChargeMissing charges to the ledgers what they lack, instead of refusing them.
	ChargeMissing bool
	JSON          bool
	InsecureSeed  *uint64
}

func newTrainCommand(s *streams) *cobra.Command {
	var opts TrainOptions
	seed := newOptionalUint(&opts.InsecureSeed)
	cmd := &cobra.Command{
		Use:   "train --config FILE",
		Short: "Train a generator on a private table within a privacy budget",
		Long: `Train a generator on a private table within a privacy budget.

The run's folder gets model.safetensors (no row of the table is in it),
ledger.jsonl (what was spent), metrics.jsonl, config.yaml (every value used) and
checkpoint/. A value comes from the config file, the environment
(DPGAN_PRIVACY_TARGET_EPSILON), --set and the flags; the later one wins.

Ctrl-C writes a checkpoint, which --resume continues, and beside it the best
model so far, checkpoint/model.safetensors; a second one kills. The ledgers must
hold what the checkpoint rests on: one that was lost, cut or exchanged is refused,
or, with --charge-missing, charged again with what it lacks.
`,
		Example: `  dpgan train --config demo/medical.yaml
  dpgan train --config demo/medical.yaml --set privacy.target_epsilon=1 --out runs/eps1
  dpgan train --resume --out runs/eps1`,
		RunE: func(cmd *cobra.Command, _ []string) error { return runTrain(cmd.Context(), opts, s) },
	}
	f := cmd.Flags()
	f.StringVarP(&opts.Config, "config", "c", "", "YAML `file` that describes table, model and budget; with --resume, the run's own if left out")
	f.StringArrayVar(&opts.Set, "set", nil, "override one `key=value`, such as training.steps=500; may be repeated")
	f.StringVar(&opts.Device, "device", "", deviceHelp+" (default runtime.device)")
	f.StringVarP(&opts.Out, "out", "o", "", "the run's `folder` (default <runtime.out>/<config name>-<day>-<random>)")
	f.BoolVar(&opts.Resume, "resume", false, "continue the run in --out from its checkpoint")
	f.BoolVar(&opts.ChargeMissing, "charge-missing", false, "with --resume: charge to a ledger what the run has spent and the ledger does not hold")
	f.BoolVar(&opts.JSON, "json", false, "print one JSON summary, and no bar")
	f.Var(seed, "insecure-seed", "fix the noise: for tests only, the result is NOT private")
	return cmd
}

func (o *TrainOptions) sources() (configSources, error) {
	src := configSources{file: o.Config, environ: environment(), set: o.Set}
	if src.file == "" && o.Resume && o.Out != "" {
		src.file = runfolder.Folder(o.Out).Config()
	}
	if src.file == "" {
		return src, usageError(errors.New("train: --config is missing: name the YAML file, or write one with dpgan demo"))
	}
	if o.Device != "" {
		src.flags = append(src.flags, setting{"device", "runtime.device", o.Device})
	}
	return src, nil
}

// validate refuses flags that do not go together, or with config.
func (o *TrainOptions) validate(config *configs.Config) error {
	if o.InsecureSeed != nil && config.Privacy.Ledger != "" {
		return fmt.Errorf("train: --insecure-seed with privacy.ledger=%s: what such a run spends is no finite ε, and the file would count it as one for the table: add --set privacy.ledger= --set privacy.table_epsilon=0 --set privacy.table_delta=0", config.Privacy.Ledger)
	}
	if o.Resume && o.Out == "" {
		return errors.New("train: --resume needs --out, the folder of the run to continue")
	}
	if o.ChargeMissing && !o.Resume {
		return errors.New("train: --charge-missing is for --resume: a new run has spent nothing")
	}
	return nil
}

func runTrain(ctx context.Context, opts TrainOptions, s *streams) error {
	src, err := opts.sources()
	if err != nil {
		return err
	}
	config, err := loadConfig(src)
	if err != nil {
		return err
	}
	if err := opts.validate(config); err != nil {
		return usageError(err)
	}
	folder := runfolder.Folder(opts.Out)
	if opts.Out == "" {
		folder = runfolder.New(config.Runtime.Out, src.file)
	}
	bar := &trainingBar{bar: newBar(s, int64(max(config.Training.Steps, 1)), !opts.JSON)}
	result, err := dpgan.Train(ctx, config, dpgan.File(config.Data.Path), string(folder), opts.options(config, bar, s)...)
	endBar(s, bar.bar)
	if err != nil {
		return resumeHint(folder, err)
	}
	return summarize(opts, s, result)
}

// options are what Train is told besides the config.
func (o *TrainOptions) options(config *configs.Config, bar *trainingBar, s *streams) []dpgan.Option {
	options := []dpgan.Option{dpgan.WithLog(s.log), dpgan.OnProgress(bar.observe),
		dpgan.WithDevice(func() (device.Device, error) { return openRuntime(config.Runtime, s.log) }, engineOf(config.Runtime.Device))}
	if o.Resume {
		options = append(options, dpgan.Resume())
	}
	if o.ChargeMissing {
		options = append(options, dpgan.ChargeMissing())
	}
	if o.InsecureSeed != nil {
		s.log.Warn("INSECURE: --insecure-seed fixes the noise, so whoever knows the seed can take it off: " +
			"the model and its samples are NOT private")
		options = append(options, dpgan.InsecureSeed(*o.InsecureSeed))
	}
	return options
}

// resumeHint says how to go on after an interruption. Where the checkpoint or
// the ledger could not be written, that failure is the error.
func resumeHint(folder runfolder.Folder, err error) error {
	var failures []error
	for _, e := range problems.Of(err) {
		if !errors.Is(e, context.Canceled) {
			failures = append(failures, e)
		}
	}
	switch {
	case len(failures) > 0:
		return errors.Join(failures...)
	case runfolder.Exists(folder.Best()):
		return fmt.Errorf("interrupted; %s is the best model so far; continue with dpgan train --resume --out %s (%w)", folder.Best(), folder, context.Canceled)
	case runfolder.Exists(folder.Checkpoint()):
		return fmt.Errorf("interrupted; continue with dpgan train --resume --out %s (%w)", folder, context.Canceled)
	}
	return fmt.Errorf("interrupted before the first step; nothing to resume (%w)", context.Canceled)
}

// trainSummary is the last line of train --json.
type trainSummary struct {
	MessageType   string  `json:"message_type"`
	Epsilon       float64 `json:"epsilon"`
	Delta         float64 `json:"delta"`
	TargetEpsilon float64 `json:"target_epsilon"`
	Steps         int     `json:"steps"`
	StoppedBy     string  `json:"stopped_by"`
	Device        string  `json:"device"`
	Seconds       float64 `json:"seconds"`
	Model         string  `json:"model"`
	Insecure      bool    `json:"insecure,omitempty"`
	// Found are the rules that noisy tables told.
	Found []marginal.FoundRule `json:"found_rules,omitempty"`
}

func summarize(opts TrainOptions, s *streams, r *dpgan.Result) error {
	insecure := r.Model.Privacy().Insecure
	if opts.JSON {
		return s.json(trainSummary{"summary", r.Epsilon, r.Delta, r.TargetEpsilon, r.Steps, r.StoppedBy, r.Device, r.Elapsed.Seconds(), r.Path, insecure, r.Model.Privacy().Found})
	}
	guarantee := fmt.Sprintf("(ε=%.4g, δ=%g)-differential privacy, of ε=%g allowed", r.Epsilon, r.Delta, r.TargetEpsilon)
	if insecure {
		guarantee = "none: " + model.InsecureWarning
	}
	return s.print("spent    %s\ntrained  %s in %s on %s, stopped by %s\nmodel    %s\nnext     dpgan sample --model %s --rows 1000 --out synthetic.csv\n",
		guarantee, amount.Of(r.Steps, "step"), rounded(r.Elapsed), r.Device, r.StoppedBy, r.Path, r.Path)
}
