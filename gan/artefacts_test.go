package gan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// modes are shares of the tables in the three modes.
var modes = map[string]float64{ModePure: 0, ModeHybrid: 0.7, ModeMarginals: 1}

// modeSettings are those of a short run with checkpoints, in the mode of marginals.
func modeSettings(t *testing.T, marginals float64) (Settings, [][]uint32) {
	t.Helper()
	codec, columns := smallTable(t)
	s := smallSettings(t, codec, 21)
	s.Privacy.Budget.Marginals, s.CheckpointEvery = &marginals, 5
	return s, columns
}

// noRealGradients is a device on which real rows add nothing to a step's sum: with the
// same keys every noised sum is the same, whatever the rows are.
type noRealGradients struct{ device.Device }

func (d noRealGradients) ClippedSum(sum device.Vector, layers []device.LayerGradient, maxGradNorm float64, count device.Buffer) {
	if count == nil { // fakes; real rows have one
		d.Device.ClippedSum(sum, layers, maxGradNorm, count)
	}
}

// With all releases held fixed, other rows in the batches leave every file of a run as
// it was: metrics and checkpoint are made of the releases alone. The rows of the table
// are turned around, which no table of counts notices, but every batch does.
func TestArtefactsFollowFromReleases(t *testing.T) {
	for mode, marginals := range modes {
		t.Run(mode, func(t *testing.T) {
			files := func(wrap func(device.Device) device.Device, turned bool) map[string][]byte {
				s, columns := modeSettings(t, marginals)
				if turned {
					for j := range columns {
						reversed := make([]uint32, len(columns[j]))
						for i, code := range columns[j] {
							reversed[len(reversed)-1-i] = code
						}
						columns[j] = reversed
					}
				}
				host := cpu.New(1)
				defer host.Close()
				if err := trainOn(t, wrap(host), s, columns); err != nil {
					t.Fatal(err)
				}
				return artefacts(t, s.Directory)
			}
			fixed := func(d device.Device) device.Device { return noRealGradients{d} }
			for name, before := range files(fixed, false) {
				if after := files(fixed, true)[name]; !bytes.Equal(before, after) {
					t.Errorf("%s tells of rows that nothing was released of: %.300q, %.300q", name, before, after)
				}
			}
			if marginals == 1 {
				return // there is no step
			}
			plain := func(d device.Device) device.Device { return d }
			state := filepath.Join("checkpoint", "state.safetensors")
			if bytes.Equal(files(plain, false)[state], files(plain, true)[state]) {
				t.Error("turning the table around changes no batch, so this test sees nothing")
			}
		})
	}
}

// random are the ID of a ledger and the hashes that follow from it.
var random = regexp.MustCompile(`"(id|previous)":"[0-9a-f]+"`)

// artefacts reads the files of a run, without what is random in them.
func artefacts(t *testing.T, directory string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(directory, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		files[name] = random.ReplaceAll(data, nil)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// A row more changes no shape: neither the files, nor their numbers of lines, nor their
// tensors, nor any counter of a checkpoint, also where batches run in several chunks,
// how many depending on who was drawn.
func TestNeighboursLeaveTheSameShape(t *testing.T) {
	for mode, marginals := range modes {
		t.Run(mode, func(t *testing.T) {
			shape := func(rows, physical int) (map[string]string, *checkpoint) {
				s, columns := modeSettings(t, marginals)
				s.MaxPhysicalBatchSize = physical
				for j := range columns {
					columns[j] = columns[j][:rows]
				}
				if _, err := train(t, context.Background(), s, columns); err != nil {
					t.Fatal(err)
				}
				shapes := map[string]string{}
				for name, data := range artefacts(t, s.Directory) {
					shapes[name] = fmt.Sprintf("%d times 8 kB", (len(data)+4096)/8192)
					if filepath.Ext(name) == ".jsonl" {
						shapes[name] += fmt.Sprintf(", %d lines", bytes.Count(data, []byte{'\n'}))
					}
				}
				state, err := loadCheckpoint(s.Directory)
				if err != nil {
					t.Fatal(err)
				}
				for name, tensor := range state.tensors {
					shapes[name] = fmt.Sprint(tensor.Shape())
				}
				shapes["counters"] = fmt.Sprint(state.Steps, state.Draws, state.GeneratorSteps, state.DiscriminatorSteps)
				return shapes, state
			}
			more, _ := shape(300, 4)
			less, _ := shape(299, 4)
			if !reflect.DeepEqual(more, less) {
				t.Errorf("with a row more %v, without %v", more, less)
			}
			whole, _ := shape(300, 0)
			if more["counters"] != whole["counters"] {
				t.Errorf("in chunks counters are %s, else %s", more["counters"], whole["counters"])
			}
		})
	}
}

// A run whose ledger is lost half way is not resumed; with what it lacks charged again
// it is, and its statement is that of the whole plan.
func TestResumeAfterALostLedger(t *testing.T) {
	s, columns := modeSettings(t, 0)
	whole, err := train(t, context.Background(), s, columns)
	if err != nil {
		t.Fatal(err)
	}
	s, columns = modeSettings(t, 0)
	ctx, cancel := context.WithCancel(context.Background())
	steps := 0
	s.Engine = func(dev device.Device, gate *dpsgd.Gate, b Blueprint) (Engine, error) {
		e, err := NewDeviceEngine(dev, gate, b)
		return &countingEngine{Engine: e, after: func() {
			if steps++; steps == 7 {
				cancel()
			}
		}}, err
	}
	if _, err := train(t, ctx, s, columns); !errors.Is(err, context.Canceled) {
		t.Fatalf("an interrupted run returned %v", err)
	}
	if err := os.Remove(filepath.Join(s.Directory, "ledger.jsonl")); err != nil {
		t.Fatal(err)
	}
	s.Engine, s.Resume = nil, true
	if _, err := train(t, context.Background(), s, columns); !errors.Is(err, accounting.ErrLedger) {
		t.Fatalf("resumed beside an empty ledger: %v", err)
	}
	s.ChargeMissing = true
	resumed, err := train(t, context.Background(), s, columns)
	if err != nil {
		t.Fatal(err)
	}
	if got := resumed.Model.Privacy(); resumed.Epsilon != whole.Epsilon || got.Steps != 12 {
		t.Errorf("claims ε=%g for %d steps, not %g for 12", resumed.Epsilon, got.Steps, whole.Epsilon)
	}
}

// When a run is ended early, by whoever saw how it went, it has cost what was planned.
func TestEndingEarlyIsNotCheaper(t *testing.T) {
	s, columns := modeSettings(t, 0)
	whole, err := train(t, context.Background(), s, columns)
	if err != nil {
		t.Fatal(err)
	}
	s, columns = modeSettings(t, 0)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := train(t, ctx, s, columns); !errors.Is(err, context.Canceled) {
		t.Fatalf("an interrupted run returned %v", err)
	}
	s.Resume, s.Training.Steps = true, 4
	early, err := train(t, context.Background(), s, columns)
	if err != nil {
		t.Fatal(err)
	}
	if early.Steps != 4 || early.Epsilon != whole.Epsilon {
		t.Errorf("after %d of 12 steps ε=%g is claimed, of the plan's %g", early.Steps, early.Epsilon, whole.Epsilon)
	}
	if p, plan := early.Model.Privacy(), whole.Model.Privacy(); p.EpsilonPLD != plan.EpsilonPLD || p.EpsilonRDP != plan.EpsilonRDP {
		t.Errorf("by pld %g is stated, of the plan's %g; by rdp %g, of %g", p.EpsilonPLD, plan.EpsilonPLD, p.EpsilonRDP, plan.EpsilonRDP)
	}
}
