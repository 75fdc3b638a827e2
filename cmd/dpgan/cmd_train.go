package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/dpgan/dpgan/configs"
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/gan/discovery"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/internal/amount"
	"github.com/dpgan/dpgan/internal/problems"
	"github.com/dpgan/dpgan/tabular"
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
		src.file = runFolder(o.Out).config()
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
	domain, err := config.Domain()
	if err != nil {
		return usageError(err)
	}
	if err := checkReadable(config.Data.Path); err != nil {
		return usageError(fmt.Errorf("data.path: %w", err))
	}
	folder := newRunFolder(opts, src.file, config)
	if err := folder.check(opts); err != nil {
		return usageError(fmt.Errorf("out=%s: %w", folder, err))
	}
	dev, err := openRuntime(config.Runtime, s.log)
	if err != nil {
		return err
	}
	defer func() { _ = dev.Close() }()
	if err := folder.create(); err != nil {
		return usageError(fmt.Errorf("out=%s: %w", folder, err))
	}
	defer folder.removeIfEmpty()

	if opts.InsecureSeed != nil {
		s.log.Warn("INSECURE: --insecure-seed fixes the noise, so whoever knows the seed can take it off: " +
			"the model and its samples are NOT private")
	}
	bar := &trainingBar{bar: newBar(s, int64(max(config.Training.Steps, 1)), !opts.JSON)}
	settings := settingsOf(config, domain)
	settings.Directory, settings.Run = string(folder), folder.newRunName(opts.InsecureSeed != nil)
	settings.InsecureSeed, settings.Resume, settings.Observe = opts.InsecureSeed, opts.Resume, bar.observe
	settings.ChargeMissing = opts.ChargeMissing
	result, err := train(ctx, dev, config, folder, s, settings)
	endBar(s, bar.bar)
	if err != nil {
		return resumeHint(folder, err)
	}
	return summarize(opts, s, folder, dev.Name(), result)
}

// train reads the table through the trainer's gate, trains, and saves the model.
func train(ctx context.Context, dev device.Device, config *configs.Config, folder runFolder, s *streams, settings gan.Settings) (result *gan.Result, err error) {
	if settings.Domain, err = discover(ctx, config, folder, s, settings); err != nil {
		return nil, err
	}
	trainer, err := gan.NewTrainer(dev, settings)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, trainer.Close()) }()
	rows, err := tabular.Read(ctx, config.Data.Path, settings.Domain.Codec, trainer.Sink())
	if err = discovery.HideEmpty(err, config.Privacy); err != nil {
		return nil, err
	}
	for _, warning := range trainer.Warnings() {
		s.log.Warn(warning)
	}
	about := []any{"device", dev.Name(), "columns", len(config.Data.Columns), "out", string(folder)}
	if config.Privacy.RowCount == dpsgd.RowCountPublic {
		about = append(about, "rows", rows)
	}
	s.log.Info("train", about...)
	if err := folder.writeConfig(config, settings.InsecureSeed != nil); err != nil {
		return nil, err
	}
	result, err = trainer.Run(ctx)
	if result == nil {
		return nil, err
	}
	for _, found := range result.Model.Privacy().Found {
		s.log.Info("rule found", "rule", found.Rule, "from", found.From, "values", found.Values, "unclear", found.Unclear)
	}
	if err != nil {
		return nil, errors.Join(err, result.Model.Save(folder.best()))
	}
	if err := result.Model.Save(folder.model()); err != nil {
		return nil, err
	}
	if err := os.Remove(folder.best()); err != nil && !errors.Is(err, os.ErrNotExist) {
		s.log.Warn("the model of an interruption stays beside the checkpoint", "error", err)
	}
	return result, nil
}

// resumeHint says how to go on after an interruption. Where the checkpoint or
// the ledger could not be written, that failure is the error.
func resumeHint(folder runFolder, err error) error {
	var failures []error
	for _, e := range problems.Of(err) {
		if !errors.Is(e, context.Canceled) {
			failures = append(failures, e)
		}
	}
	switch {
	case len(failures) > 0:
		return errors.Join(failures...)
	case exists(folder.best()):
		return fmt.Errorf("interrupted; %s is the best model so far; continue with dpgan train --resume --out %s (%w)", folder.best(), folder, context.Canceled)
	case exists(folder.checkpoint()):
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

func summarize(opts TrainOptions, s *streams, folder runFolder, device string, r *gan.Result) error {
	insecure := r.Model.Privacy().Insecure
	if opts.JSON {
		return s.json(trainSummary{"summary", r.Epsilon, r.Delta, r.TargetEpsilon, r.Steps, r.StoppedBy, device, r.Elapsed.Seconds(), folder.model(), insecure, r.Model.Privacy().Found})
	}
	guarantee := fmt.Sprintf("(ε=%.4g, δ=%g)-differential privacy, of ε=%g allowed", r.Epsilon, r.Delta, r.TargetEpsilon)
	if insecure {
		guarantee = "none: " + model.InsecureWarning
	}
	return s.print("spent    %s\ntrained  %s in %s on %s, stopped by %s\nmodel    %s\nnext     dpgan sample --model %s --rows 1000 --out synthetic.csv\n",
		guarantee, amount.Of(r.Steps, "step"), rounded(r.Elapsed), device, r.StoppedBy, folder.model(), folder.model())
}
