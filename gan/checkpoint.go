package gan

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/gan/moment"
	"github.com/dpgan/dpgan/gan/nets"
	"github.com/dpgan/dpgan/internal/atomicfile"
	"github.com/dpgan/dpgan/tabular"
)

// checkpointFormat names the layout of the metadata and of the tensors.
const checkpointFormat = "dpgan-checkpoint-5"

// CheckpointPath is where a run in directory keeps its checkpoint.
func CheckpointPath(directory string) string {
	return filepath.Join(directory, "checkpoint", "state.safetensors")
}

// checkpoint is a run between two steps. It holds released numbers only: noisy
// tables, parameters, counters of updates, which do not follow the size of batches.
// No key and no seed is in it; a resumed run draws fresh ones. What it has spent it
// reads from the ledgers, which must hold what the checkpoint rests on.
type checkpoint struct {
	Run     string           `json:"run"`
	Promise promise          `json:"promise"`
	Budget  dpsgd.Remembered `json:"budget"`
	// Plan is what the run was planned to release, fixed before the first of it, and
	// what it had discovered before. The privacy statement covers all of it.
	Plan           []accounting.Event     `json:"plan"`
	Rows           int                    `json:"rows"` // public, or released with noise
	Schema         tabular.Schema         `json:"schema"`
	Model          nets.ModelConfig       `json:"model"`
	Training       TrainingConfig         `json:"training"` // settled
	Joint          *marginal.Measurements `json:"joint"`
	Atoms          *nets.AtomsConfig      `json:"atoms,omitempty"` // set once training begins
	Steps          int                    `json:"steps"`           // of the discriminators, as many as are paid for
	Step           dpsgd.StepConfig       `json:"step"`
	Draws          uint64                 `json:"draws"`
	GeneratorSteps uint64                 `json:"generator_steps"`
	PairsSteps     uint64                 `json:"pairs_steps"`
	NetSteps       uint64                 `json:"net_steps"`
	FakeLoss       float32                `json:"fake_loss"`
	FakeShare      float32                `json:"fake_share"`
	Fitting        fitProgress            `json:"fitting"`
	// Searched is set once dependencies were looked for, Told if some were found: then
	// Joint holds all that the second-order discriminator knew.
	Searched  bool `json:"searched"`
	Dependent bool `json:"told"`
	Insecure  bool `json:"insecure"`
	tensors   nets.Tensors
}

// promise is what the releases were planned for.
type promise struct {
	TargetEpsilon float64 `json:"target_epsilon"`
	TargetDelta   float64 `json:"target_delta"`
	Accountant    string  `json:"accountant"`
}

func promiseOf(c dpsgd.Config) promise {
	return promise{c.TargetEpsilon, c.TargetDelta, c.Accountant}
}

// save writes the checkpoint, which rests on what was spent so far.
func (c *checkpoint) save(directory string, spent []accounting.Event) error {
	c.Budget.Events = spent
	path := CheckpointPath(directory)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("gan: checkpoint: %w", err)
	}
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("gan: checkpoint: %w", err)
	}
	metadata := map[string]string{"format": checkpointFormat, "state": string(text)}
	return atomicfile.Write(path, func(w io.Writer) error { return model.WriteSafetensors(w, c.tensors, metadata) })
}

// loadCheckpoint reads the checkpoint of the run in directory, or nil if there is none.
func loadCheckpoint(directory string) (*checkpoint, error) {
	path := CheckpointPath(directory)
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("gan: checkpoint: %w", err)
	}
	c := &checkpoint{}
	var metadata map[string]string
	if c.tensors, metadata, err = model.ReadSafetensors(data); err != nil {
		return nil, fmt.Errorf("gan: checkpoint %s: %w", path, err)
	}
	if got := metadata["format"]; got != checkpointFormat {
		return nil, fmt.Errorf("gan: checkpoint %s: format %q, not %q: resume with the version that began the run, or start a new one", path, got, checkpointFormat)
	}
	if err := json.Unmarshal([]byte(metadata["state"]), c); err != nil {
		return nil, fmt.Errorf("gan: checkpoint %s: %w", path, err)
	}
	return c, nil
}

// ErrMismatch is wrapped when a checkpoint belongs to another configuration.
var ErrMismatch = errors.New("checkpoint of another configuration")

// matches reports how the checkpoint differs from what is to be resumed.
func (c *checkpoint) matches(s *Settings) error {
	same := func(a, b any) bool {
		x, errX := json.Marshal(a)
		y, errY := json.Marshal(b)
		return errX == nil && errY == nil && reflect.DeepEqual(x, y)
	}
	maxGradNorm := s.Privacy.MaxGradNorm
	if c.Steps == 0 {
		maxGradNorm = 0 // nothing is clipped
	}
	for _, part := range []struct {
		key        string
		then, next any
	}{{"data.columns", c.Schema, s.Domain.Schema()}, {"model", c.Model, s.Model},
		{"training.batch_size", c.Training.BatchSize, s.Training.BatchSize},
		{"privacy.max_grad_norm", c.Step.MaxGradNorm, maxGradNorm},
		{"privacy.target_epsilon, target_delta or accountant", c.Promise, promiseOf(s.Privacy)},
		{"training.steps", max(c.Training.Steps, s.Training.Steps), c.Training.Steps}, // fewer are no other plan
		{"insecure-seed", c.Insecure, s.InsecureSeed != nil}} {
		if !same(part.then, part.next) {
			return fmt.Errorf("gan: %s: %w: resume with the config that the run began with, or start a new run", part.key, ErrMismatch)
		}
	}
	rules := s.Domain.Rules
	then, err := rules.FindDifferences(c.Joint.Differences)
	if err != nil || !slices.Equal(then, rules.Differences()) {
		return fmt.Errorf("gan: rules: %w: resume with the rules and the version that the run began with, or start a new run", ErrMismatch)
	}
	return nil
}

// steps is how many steps of the discriminators were taken.
func (c *checkpoint) steps() int { return int(c.PairsSteps + c.NetSteps) }

// netSteps is how many of the planned steps are the net's, pairsSteps how many the
// second-order discriminator's: none if it has nothing to look at, or nothing more to learn.
func (c *checkpoint) netSteps() int {
	return c.Steps - PairsSteps(c.Model.Discriminator.Kind, c.Steps)
}

func (c *checkpoint) pairsSteps() int {
	if c.Dependent || len(c.Joint.Looked) == 0 {
		return 0
	}
	return PairsSteps(c.Model.Discriminator.Kind, c.Steps)
}

// start is what generator and discriminator begin with.
func (c *checkpoint) start(a *moment.Objective, seed uint64) {
	c.tensors = nets.Initial(*c.Atoms, marginal.Layout(c.Joint.Columns), c.Joint.HeadBias(float64(c.Rows)), a.Pairs, a.Initials(seed), seed)
}

// generator is the best generator so far.
func (c *checkpoint) generator() *model.Generator {
	m := c.Joint
	return &model.Generator{Columns: m.Columns, Atoms: *c.Atoms, Differences: m.Differences, Tensors: nets.Best(*c.Atoms, marginal.Layout(m.Columns), c.tensors)}
}

func (c *checkpoint) state() nets.State {
	return nets.State{Tensors: c.tensors, Draws: c.Draws, GeneratorSteps: c.GeneratorSteps,
		PairsSteps: c.PairsSteps, NetSteps: c.NetSteps, FakeLoss: c.FakeLoss, FakeShare: c.FakeShare}
}

func (c *checkpoint) setState(s nets.State) {
	c.Draws, c.GeneratorSteps, c.PairsSteps, c.NetSteps = s.Draws, s.GeneratorSteps, s.PairsSteps, s.NetSteps
	for name, t := range s.Tensors { // others are what stages before left
		c.tensors[name] = t
	}
	c.FakeLoss, c.FakeShare = s.FakeLoss, s.FakeShare
}

// fitProgress is how far the generator has come since the discriminator is done.
type fitProgress struct {
	Steps int     `json:"steps"`
	Best  float64 `json:"best"` // loss, by what is held out
	At    int     `json:"at"`   // the step of it
	Done  bool    `json:"done"`
}
