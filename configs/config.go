package configs

import (
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/gan/discovery"
	"github.com/dpgan/dpgan/gan/nets"
	"github.com/dpgan/dpgan/gan/plan"
	"github.com/dpgan/dpgan/tabular"
)

// Config is one training run as the user describes it. Its sections are decoded
// by the packages' own types, so a key's meaning and default stand where it is used.
type Config struct {
	Data     DataConfig         `mapstructure:"data" yaml:"data"`
	Rules    RuleList           `mapstructure:"rules" yaml:"rules,omitempty"`
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

// RuleList is the `rules` section. Its mappings keep their order, since what
// stands last in a rule is what is changed first in a row that breaks it.
type RuleList []tabular.Rule

// RuntimeConfig is the `runtime` section: nothing in it may change the guarantee.
type RuntimeConfig struct {
	// Device computes; ParseDevice says what it may be.
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
	// Out is the folder that gets a new folder for each run.
	Out string `mapstructure:"out" yaml:"out"`
}

// Default holds the values of keys that a config leaves out.
func Default() Config {
	return Config{
		Data:     DataConfig{Missing: []string{""}},
		Model:    nets.DefaultModelConfig(),
		Privacy:  dpsgd.DefaultConfig(),
		Training: gan.DefaultTrainingConfig(),
		Runtime:  RuntimeConfig{Device: DeviceAuto, Precision: device.SinglePrecision.String(), CheckpointEvery: 100, Out: "runs"},
	}
}

// Schema is the table's declaration, as tabular wants it.
func (d *DataConfig) Schema() tabular.Schema {
	return tabular.Schema{Missing: d.Missing, Columns: d.Columns}
}

// Domain compiles columns and rules, with stand-ins for what discovery will find. What
// nobody pays for is refused.
func (c *Config) Domain() (*tabular.Domain, error) {
	schema := c.Data.Schema()
	paid, unpaid := discovery.Undeclared(schema, c.Privacy)
	if len(unpaid) > 0 {
		return nil, plan.RefuseGaps(unpaid, c.Privacy)
	}
	return c.Compile(schema.StandIn(paid))
}

// Compile compiles schema, in place of the one declared, and the rules.
func (c *Config) Compile(schema tabular.Schema) (*tabular.Domain, error) {
	codec, err := schema.Compile()
	if err != nil {
		return nil, err
	}
	return tabular.NewDomain(codec, c.Rules)
}

// Settings are what a run on a table of domain is planned and trained by. The engine is
// the device's own; the folder, the run's name and what else differs from run to run is
// the caller's to set.
func (c *Config) Settings(domain *tabular.Domain) gan.Settings {
	return gan.Settings{Domain: domain, Target: c.Data.Target, Model: c.Model, Training: c.Training, Privacy: c.Privacy,
		MaxPhysicalBatchSize: c.Runtime.MaxPhysicalBatchSize, CheckpointEvery: c.Runtime.CheckpointEvery}
}

// SetDefaults puts numbers for what training leaves to the program, for a table of rows rows.
func (c *Config) SetDefaults(rows int) {
	c.Training = c.Training.WithDefaults(c.Model.Discriminator.Kind, rows)
}
