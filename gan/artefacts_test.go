package gan

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/nets"
	"github.com/dpgan/dpgan/tabular/tabulartest"
)

// noRealGradients is a device on which real rows add nothing to a step's sum: with the
// same keys every noised sum is the same, whatever the rows are.
type noRealGradients struct{ device.Device }

func (d noRealGradients) ClippedSum(sum device.Vector, layers []device.LayerGradient, maxGradNorm float64, count device.Buffer) {
	if count == nil { // fakes; real rows have one
		d.Device.ClippedSum(sum, layers, maxGradNorm, count)
	}
}

func (d noRealGradients) PairGradients(device.Vector, device.Table, *device.PairTables, device.Buffer, device.Buffer) {
}

// savingSettings are those of a quick run in a mode that saves often, in pure mode
// without a net and in gan mode with one.
func savingSettings(t *testing.T, mode string) (Settings, [][]uint32) {
	t.Helper()
	s, columns := quickSettings(t, mode, 21)
	if s.CheckpointEvery = 5; mode == marginal.ModeGAN {
		s.Model.Discriminator.Kind = nets.KindMLP
	}
	return s, columns
}

// With all releases held fixed, other rows in the batches leave every file of a run as
// it was: metrics and checkpoint are made of the releases alone. The rows of the table
// are turned around, which no table of counts notices, but every batch does.
func TestArtefactsFollowFromReleases(t *testing.T) {
	tabulartest.SkipShort(t)
	for mode := range modes {
		t.Run(mode, func(t *testing.T) {
			files := func(wrap func(device.Device) device.Device, turned bool) map[string][]byte {
				s, columns := savingSettings(t, mode)
				if turned {
					for j := range columns {
						columns[j] = slices.Clone(columns[j])
						slices.Reverse(columns[j])
					}
				}
				host := cpu.New(1)
				defer host.Close()
				if _, err := trainOn(t, context.Background(), wrap(host), s, columns); err != nil {
					t.Fatal(err)
				}
				return artefacts(t, s.Directory)
			}
			fixed := func(d device.Device) device.Device { return noRealGradients{d} }
			after := files(fixed, true)
			for name, before := range files(fixed, false) {
				if !bytes.Equal(before, after[name]) {
					t.Errorf("%s tells of rows that nothing was released of: %.300q, %.300q", name, before, after[name])
				}
			}
			if mode == marginal.ModeMarginals {
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
	for mode := range modes {
		t.Run(mode, func(t *testing.T) {
			shape := func(rows, physical int) map[string]string {
				s, columns := savingSettings(t, mode)
				s.MaxPhysicalBatchSize = physical
				for j := range columns {
					columns[j] = columns[j][:rows]
				}
				mustTrain(t, s, columns)
				shapes := map[string]string{}
				for name, data := range artefacts(t, s.Directory) {
					shapes[name] = fmt.Sprintf("%d times 8 kB", (len(data)+4096)/8192)
					if filepath.Ext(name) == ".jsonl" {
						shapes[name] += fmt.Sprintf(", %d lines", bytes.Count(data, []byte{'\n'}))
					}
				}
				state := checkpointOf(t, s)
				for name, tensor := range state.tensors {
					shapes[name] = fmt.Sprint(tensor.Shape())
				}
				shapes["counters"] = fmt.Sprint(state.Steps, state.Draws, state.PairsSteps, state.NetSteps)
				return shapes
			}
			more, less := shape(300, 4), shape(299, 4)
			if !reflect.DeepEqual(more, less) {
				t.Errorf("with a row more %v, without %v", more, less)
			}
			if whole := shape(300, 0); more["counters"] != whole["counters"] {
				t.Errorf("in chunks counters are %s, else %s", more["counters"], whole["counters"])
			}
		})
	}
}
