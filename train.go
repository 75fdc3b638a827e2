package dpgan

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/gan/discovery"
	"github.com/dpgan/dpgan/internal/runfolder"
	"github.com/dpgan/dpgan/tabular"
)

// Result is what a run did.
type Result struct {
	Model         *Model
	Path          string // of the model's file
	Device        string
	Epsilon       float64 // what was planned to be spent, at Delta
	Delta         float64
	TargetEpsilon float64
	Steps         int    // of the discriminator
	StoppedBy     string // "steps", or "budget" if the accountant stopped the run first
	Elapsed       time.Duration
}

// Train trains a generator on the rows of source within config's privacy budget. The
// folder out, which it makes, gets model.safetensors (no row of the table is in it),
// ledger.jsonl (what was spent), metrics.jsonl, config.yaml and checkpoint/; one that holds
// a run is refused, unless that is to be resumed. Of config.Data, Path is not looked at.
//
// If ctx ends first, Train settles the ledger, leaves a checkpoint and beside it the best
// model so far, and returns an error that wraps ctx.Err().
func Train(ctx context.Context, config *Config, source Source, out string, options ...Option) (result *Result, err error) {
	config = of(config, source)
	o, folder := newOptions(config, options), runfolder.Folder(out)
	if err := errors.Join(config.Validate(nil), config.CheckRules(nil)); err != nil {
		return nil, &UsageError{err}
	}
	domain, err := config.Domain()
	if err != nil {
		return nil, &UsageError{err}
	}
	if err := source.check(); err != nil {
		return nil, &UsageError{fmt.Errorf("data.path: %w", err)}
	}
	if err := folder.Check(o.resume); err != nil {
		return nil, &UsageError{fmt.Errorf("out=%s: %w", folder, err)}
	}
	dev, err := o.device()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, dev.Close()) }()
	if err := folder.Create(); err != nil {
		return nil, &UsageError{fmt.Errorf("out=%s: %w", folder, err)}
	}
	defer folder.RemoveIfEmpty()

	settings := config.Settings(domain)
	o.apply(&settings)
	settings.Directory, settings.Run = out, folder.RunName(o.insecureSeed != nil)
	if settings.Domain, err = o.discover(ctx, config, source, folder, &settings); err != nil {
		return nil, err
	}
	trained, err := o.train(ctx, dev, config, source, folder, settings)
	if trained == nil {
		return nil, err
	}
	if err := o.save(trained, folder, err); err != nil {
		return nil, err
	}
	return &Result{Model: &Model{model: trained.Model}, Path: folder.Model(), Device: dev.Name(), Epsilon: trained.Epsilon, Delta: trained.Delta,
		TargetEpsilon: trained.TargetEpsilon, Steps: trained.Steps, StoppedBy: trained.StoppedBy, Elapsed: trained.Elapsed}, nil
}

// of is config for the table of source.
func of(config *Config, source Source) *Config {
	c := *config
	if c.Data.Path = source.path(); c.Data.Path == "" {
		c.Data.Path = "records" // that are in no file
	}
	return &c
}

// discover fills the gaps that privacy.discovery pays for, or, in a resumed run,
// takes what the checkpoint knows, and leaves what was found beside the run.
func (o *options) discover(ctx context.Context, config *Config, source Source, folder runfolder.Folder, settings *gan.Settings) (*tabular.Domain, error) {
	declared := config.Data.Schema()
	paid, _ := discovery.Undeclared(declared, config.Privacy)
	if len(paid) == 0 {
		return settings.Domain, nil
	}
	if o.resume {
		schema, err := gan.ResumedSchema(settings.Directory, declared, config.Privacy)
		if err != nil {
			return nil, err
		}
		return config.Compile(schema)
	}
	if source.path() == "" {
		return nil, &UsageError{fmt.Errorf("data.columns: column %q: %s missing, and only a file is read to find it: declare it", paid[0].Name, paid[0].Fact)}
	}
	o.log.Info("discover", "facts", len(paid))
	schema, warnings, err := discovery.Discover(ctx, source.path(), declared, config.Privacy, settings.Start(), o.insecureSeed)
	if err != nil {
		return nil, err
	}
	for _, warning := range warnings {
		o.log.Warn(warning)
	}
	domain, err := config.Compile(schema)
	if err != nil {
		return nil, &UsageError{fmt.Errorf("what was found does not fit what is declared: %w", err)}
	}
	return domain, folder.WriteSchema(domain.Schema(), o.insecureSeed != nil)
}

// train reads the table through the trainer's gate, and trains.
func (o *options) train(ctx context.Context, dev device.Device, config *Config, source Source, folder runfolder.Folder, settings gan.Settings) (result *gan.Result, err error) {
	trainer, err := gan.NewTrainer(dev, settings)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, trainer.Close()) }()
	rows, err := source.read(ctx, settings.Domain.Codec, trainer.Sink())
	if err = discovery.HideEmpty(err, config.Privacy); err != nil {
		return nil, err
	}
	for _, warning := range trainer.Warnings() {
		o.log.Warn(warning)
	}
	about := []any{"device", dev.Name(), "columns", len(config.Data.Columns), "out", string(folder)}
	if config.Privacy.RowCount == dpsgd.RowCountPublic {
		about = append(about, "rows", rows)
	}
	o.log.Info("train", about...)
	if err := folder.WriteConfig(config, o.insecureSeed != nil); err != nil {
		return nil, err
	}
	return trainer.Run(ctx)
}

// save leaves the model in the folder, or, after failure, the best so far beside the
// checkpoint.
func (o *options) save(result *gan.Result, folder runfolder.Folder, failure error) error {
	for _, found := range result.Model.Privacy().Found {
		o.log.Info("rule found", "rule", found.Rule, "from", found.From, "values", found.Values, "unclear", found.Unclear)
	}
	if failure != nil {
		return errors.Join(failure, result.Model.Save(folder.Best()))
	}
	if err := result.Model.Save(folder.Model()); err != nil {
		return err
	}
	if err := os.Remove(folder.Best()); err != nil && !errors.Is(err, os.ErrNotExist) {
		o.log.Warn("the model of an interruption stays beside the checkpoint", "error", err)
	}
	return nil
}
