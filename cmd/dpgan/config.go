package main

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/gan/nets"
	"github.com/dpgan/dpgan/tabular"
)

// Config is one training run as the user describes it. Its sections are decoded
// by the packages' own types, so a key's meaning and default stand where it is used.
type Config struct {
	Data     DataConfig         `mapstructure:"data" yaml:"data"`
	Rules    ruleList           `mapstructure:"rules" yaml:"rules,omitempty"`
	Model    nets.ModelConfig   `mapstructure:"model" yaml:"model"`
	Privacy  dpsgd.Config       `mapstructure:"privacy" yaml:"privacy"`
	Training gan.TrainingConfig `mapstructure:"training" yaml:"training"`
	Runtime  RuntimeConfig      `mapstructure:"runtime" yaml:"runtime"`
}

// DataConfig is the `data` section: the table and what is publicly known of it.
type DataConfig struct {
	Path    string           `mapstructure:"path" yaml:"path"`
	Target  string           `mapstructure:"target" yaml:"target,omitempty"`
	Missing []string         `mapstructure:"missing" yaml:"missing,flow"`
	Columns []tabular.Column `mapstructure:"columns" yaml:"columns"`
}

// settings are what a run of the config is planned by.
func (c *Config) settings(domain *tabular.Domain) gan.Settings {
	return gan.Settings{Domain: domain, Target: c.Data.Target, Model: c.Model, Training: c.Training, Privacy: c.Privacy,
		MaxPhysicalBatchSize: c.Runtime.MaxPhysicalBatchSize, CheckpointEvery: c.Runtime.CheckpointEvery, Engine: engineOf(c.Runtime.Device)}
}

// settle puts numbers for what training leaves to the program, for a table of rows rows.
func (c *Config) settle(rows int) {
	c.Training = c.Training.Settled(c.Model.Discriminator.Kind, rows)
}

// RuntimeConfig is the `runtime` section: nothing in it may change the guarantee.
type RuntimeConfig struct {
	Device string `mapstructure:"device" yaml:"device"`
	// Precision is what products of matrices round to: float32, tf32 or bfloat16. The
	// clip factors allow for the rounding, so the guarantee is the same in each.
	Precision string `mapstructure:"precision" yaml:"precision"`
	// Threads of the CPU; 0 takes all cores.
	Threads int `mapstructure:"threads" yaml:"threads"`
	// MaxPhysicalBatchSize is the most rows in memory at once; 0 lets the device choose.
	MaxPhysicalBatchSize int `mapstructure:"max_physical_batch_size" yaml:"max_physical_batch_size"`
	// CheckpointEvery is the number of steps between checkpoints; 0 writes one only when interrupted.
	CheckpointEvery int `mapstructure:"checkpoint_every" yaml:"checkpoint_every"`
	// Out is the folder that gets a new folder for each run without --out.
	Out string `mapstructure:"out" yaml:"out"`
}

// defaultConfig holds the values of keys that a config leaves out.
func defaultConfig() Config {
	return Config{
		Data:     DataConfig{Missing: []string{""}},
		Model:    nets.DefaultModelConfig(),
		Privacy:  dpsgd.DefaultConfig(),
		Training: gan.DefaultTrainingConfig(),
		Runtime:  RuntimeConfig{Device: deviceAuto, Precision: device.SinglePrecision.String(), CheckpointEvery: 100, Out: "runs"},
	}
}

// validate reports every value that no run can have, each with its place.
func (c *Config) validate(from origins) error {
	err := errors.Join(c.Data.validate(), c.Model.Validate(), c.Privacy.Validate(), c.Training.Validate(), c.Runtime.validate())
	for _, key := range slices.Sorted(maps.Keys(from)) {
		if from[key].zero {
			err = errors.Join(err, fmt.Errorf("%s=0: must be at least 1, or auto", key))
		}
	}
	var placed []error
	for _, e := range problems(err) {
		key, _, found := strings.Cut(e.Error(), "=")
		if place := from.of(key); found && place != "" {
			e = fmt.Errorf("%s: %w", place, e)
		}
		placed = append(placed, e)
	}
	return errors.Join(placed...)
}

func (d *DataConfig) validate() error {
	if d.Path == "" {
		return errors.New(`data.path="": must name the table, a .csv, .csv.gz or .parquet file`)
	}
	if len(d.Columns) == 0 {
		return errors.New("data.columns=[]: must list every column of the table with its name and type")
	}
	if d.Target != "" && !slices.ContainsFunc(d.Columns, func(c tabular.Column) bool { return c.Name == d.Target }) {
		return fmt.Errorf("data.target=%q: must be the name of a declared column", d.Target)
	}
	return nil
}

// schema is the table's declaration, as tabular wants it.
func (d *DataConfig) schema() tabular.Schema {
	return tabular.Schema{Missing: d.Missing, Columns: d.Columns}
}

func (r *RuntimeConfig) validate() error {
	var errs []error
	if _, _, err := parseDevice(r.Device); err != nil {
		errs = append(errs, fmt.Errorf("runtime.device=%q: %w", r.Device, err))
	}
	if _, known := device.ParsePrecision(r.Precision); !known {
		errs = append(errs, fmt.Errorf("runtime.precision=%q: must be one of %s", r.Precision, strings.Join(device.PrecisionNames(), ", ")))
	}
	for _, v := range []struct {
		key   string
		value int
	}{
		{"threads", r.Threads}, {"max_physical_batch_size", r.MaxPhysicalBatchSize}, {"checkpoint_every", r.CheckpointEvery},
	} {
		if v.value < 0 {
			errs = append(errs, fmt.Errorf("runtime.%s=%d: must be at least 0", v.key, v.value))
		}
	}
	if r.Out == "" {
		errs = append(errs, errors.New(`runtime.out="": must name the folder that holds the runs`))
	}
	return errors.Join(errs...)
}

// open opens the device that computes the run.
func (r *RuntimeConfig) open(log *slog.Logger) (device.Device, error) {
	precision, _ := device.ParsePrecision(r.Precision) // validated
	return openDevice(r.Device, r.Threads, precision, log)
}

// problems takes errors apart that errors.Join put together, so that each gets
// its own line. An error that wraps several in one sentence stays whole.
func problems(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if err == nil {
		return nil
	}
	if !ok || errors.Join(joined.Unwrap()...).Error() != err.Error() {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, problems(e)...)
	}
	return all
}

// paths are the keys that hold paths. In a config file they are relative to the
// file, elsewhere to the working directory; the resolved config has them absolute.
func (c *Config) paths() map[string]*string {
	return map[string]*string{"data.path": &c.Data.Path, "privacy.ledger": &c.Privacy.Ledger, "runtime.out": &c.Runtime.Out}
}

// resolvePaths makes every path absolute: those that the file set against its
// folder, all others against the working directory.
func (c *Config) resolvePaths(file string, from origins) error {
	for key, path := range c.paths() {
		if *path == "" || filepath.IsAbs(*path) {
			continue
		}
		if from[key].file {
			*path = filepath.Join(filepath.Dir(file), *path)
		}
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return fmt.Errorf("%s=%s: %w", key, *path, err)
		}
		*path = absolute
	}
	return nil
}

// readConfigFile reads at most maxConfigBytes: a table given for a config by
// mistake must not fill the memory.
func readConfigFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	if info.IsDir() {
		return nil, fmt.Errorf("config: %s is a folder: name the YAML file", path)
	}
	if info.Size() > maxConfigBytes {
		return nil, fmt.Errorf("config: %s has %d bytes: a config has at most %d; is this the table?", path, info.Size(), maxConfigBytes)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	return text, nil
}

const maxConfigBytes = 4 << 20
