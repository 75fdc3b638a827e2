package gan

import (
	"errors"
	"path/filepath"
	"time"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/gan/nets"
	"github.com/dpgan/dpgan/internal/check"
	"github.com/dpgan/dpgan/tabular"
)

// Settings are everything of one training run.
type Settings struct {
	Domain *tabular.Domain
	// Target names the column that the synthetic rows should help to predict; ""
	// names none.
	Target   string
	Model    nets.ModelConfig
	Training TrainingConfig
	Privacy  dpsgd.Config
	// MaxPhysicalBatchSize bounds the rows on the device at once; 0: no bound.
	MaxPhysicalBatchSize int
	// CheckpointEvery is the number of steps between checkpoints; 0: only when
	// interrupted.
	CheckpointEvery int
	// Directory exists and takes ledger.jsonl, metrics.jsonl and checkpoint/.
	Directory string
	// Run is the run's name in the ledgers.
	Run string
	// InsecureSeed makes a run repeatable, and worthless as protection.
	InsecureSeed *uint64
	// Resume goes on from the checkpoint in Directory.
	Resume bool
	// ChargeMissing charges to a ledger what a resumed run has spent and the ledger
	// does not hold, instead of refusing it.
	ChargeMissing bool
	// Engine makes the engine; nil is NewDeviceEngine.
	Engine nets.EngineMaker
	// Observe, if set, is told of the progress about ten times a second.
	Observe func(Progress)
}

// Result is what a run did.
type Result struct {
	Model         *model.Model
	Epsilon       float64
	Delta         float64
	TargetEpsilon float64
	Steps         int
	// StoppedBy is "steps", "budget" if the accountant stopped the run first, or
	// "interrupt".
	StoppedBy string
	Elapsed   time.Duration
}

// ErrData is wrapped when the table does not suit the configuration.
var ErrData = errors.New("data")

// Start is how a new run opens its budget.
func (s *Settings) Start() dpsgd.Start {
	return dpsgd.Start{Run: s.Run, Ledger: filepath.Join(s.Directory, "ledger.jsonl"), Insecure: s.InsecureSeed != nil}
}

// Mappable refuses a dependency without a map in a mode that buys no table of two
// columns, from which to read it.
func (s *Settings) Mappable() error {
	if open := s.Domain.Rules.Unmapped(); len(open) > 0 && s.Privacy.Budget.Allocate().Pure() {
		return &tabular.RuleError{Rule: open[0].RuleNumber(), Entry: -1,
			Reason: "map is missing, and with privacy.budget.marginals=0 there is no table to read it from: declare map, or raise the share"}
	}
	return nil
}

// target is the number of the learned column Target, or -1.
func (s *Settings) target() int {
	j, err := s.Domain.Find(s.Target)
	if s.Target == "" || err != nil {
		return -1 // an id is no learned column
	}
	return j
}

// Validate reports all that is wrong with the settings.
func (s *Settings) Validate() error {
	var c check.Values
	c.Must(s.Domain != nil, "data.columns", "none", "must declare the columns")
	c.Must(s.InsecureSeed == nil || s.Privacy.Ledger == "", "privacy.ledger", s.Privacy.Ledger,
		"does not go with --insecure-seed: what such a run spends is no finite ε, and the file counts it for the table; set privacy.ledger and table_epsilon to nothing")
	c.Must(s.MaxPhysicalBatchSize >= 0, "runtime.max_physical_batch_size", s.MaxPhysicalBatchSize, "must be at least 1, or 0 for no bound")
	c.Must(s.CheckpointEvery >= 0, "runtime.checkpoint_every", s.CheckpointEvery, "must be at least 1, or 0 for none")
	if s.Domain == nil {
		return c.Err()
	}
	return errors.Join(s.Mappable(), c.Err(), s.Privacy.Validate(), s.Model.Validate(), s.Training.Validate())
}

// Progress is how far a run is.
type Progress struct {
	Stage         string  // "marginals", "discriminator", "generator" or "done"
	Step, Steps   int     // Steps is 0 until the run's length is settled
	Epsilon       float64 // spent or reserved, at the target δ
	TargetEpsilon float64
	RowsPerSecond float64
}
