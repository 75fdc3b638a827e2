// Package runfolder is the folder of one training run: which files are in it, what may be
// written to it, and what is said beside the model. It must not know how a run is asked for.
package runfolder

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dpgan/dpgan/configs"
	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/internal/atomicfile"
	"github.com/dpgan/dpgan/tabular"
)

// Folder is the folder of one run.
type Folder string

// Model is where the model comes to lie.
func (f Folder) Model() string { return filepath.Join(string(f), "model.safetensors") }

// Ledger is that of the run alone.
func (f Folder) Ledger() string { return filepath.Join(string(f), "ledger.jsonl") }

// Config is the resolved configuration.
func (f Folder) Config() string { return filepath.Join(string(f), "config.yaml") }

// Checkpoint is what a resumed run goes on from.
func (f Folder) Checkpoint() string { return gan.CheckpointPath(string(f)) }

// Best is the model of an interrupted run; one at Model() is of a run that is finished.
func (f Folder) Best() string {
	return filepath.Join(filepath.Dir(f.Checkpoint()), "model.safetensors")
}

// New is a folder under runs for a run of the config file name. Its name goes into the
// ledgers, so it tells the day and no more of the time.
func New(runs, name string) Folder {
	name = strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	return Folder(filepath.Join(runs, name+"-"+time.Now().Format("20060102")+"-"+randomName()))
}

// Create makes the folder, and finds out now, not after the training, whether
// it can be written.
func (f Folder) Create() error {
	if err := os.MkdirAll(string(f), 0o755); err != nil {
		return fmt.Errorf("cannot make the folder: %w", err)
	}
	probe, err := os.CreateTemp(string(f), ".writable.*")
	if err != nil {
		return fmt.Errorf("cannot write there: %w", err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// Check refuses a folder that the run must not write to, so that nothing is
// overwritten: one with a model, a checkpoint or a spent budget in it.
func (f Folder) Check(resume bool) error {
	finished, suspended := Exists(f.Model()), Exists(f.Checkpoint())
	switch {
	case resume && finished:
		return errors.New("the run is finished: nothing to resume; sample from its model.safetensors")
	case resume && !suspended:
		return errors.New("no checkpoint in it: nothing to resume; start anew without --resume in another folder")
	case resume:
		return nil
	case finished:
		return errors.New("holds a finished model: name another folder")
	case suspended:
		return errors.New("holds a checkpoint: continue it with --resume, or name another folder")
	}
	return f.unspent()
}

// unspent refuses a folder whose ledger says more than that it was begun: that of a run
// which was refused before its first release, as where a cell of the table is wrong, holds
// nothing that could be forgotten.
func (f Folder) unspent() error {
	if !Exists(f.Ledger()) {
		return nil
	}
	records, torn, err := accounting.ReadLedger(f.Ledger())
	switch {
	case err != nil:
		return fmt.Errorf("holds a ledger that cannot be read: name another folder: %w", err)
	case torn > 0 || len(records) > 1:
		return errors.New("holds the ledger of a run that was cut off, whose spend must not be forgotten: name another folder")
	}
	return nil
}

// RunName is the name of a new run in the ledgers. The random part keeps two
// runs in folders of the same name apart: the table's total counts both. A run
// whose noise can be recomputed says so in its name.
func (f Folder) RunName(insecure bool) string {
	name := filepath.Base(string(f)) + "-" + randomName()
	if insecure {
		name += "-insecure"
	}
	return name
}

// randomName has eight hexadecimal digits.
func randomName() string {
	var id [4]byte
	_, _ = rand.Read(id[:]) // never fails (crypto/rand)
	return hex.EncodeToString(id[:])
}

// WriteConfig leaves the resolved config beside the run.
func (f Folder) WriteConfig(config *configs.Config, insecure bool) error {
	text, err := config.YAML()
	if err != nil {
		return err
	}
	if insecure {
		text = append([]byte("# The run of this folder was "+model.InsecureWarning+".\n"), text...)
	}
	return atomicfile.Write(f.Config(), func(w io.Writer) error { _, err := w.Write(text); return err })
}

// RemoveIfEmpty takes away a folder in which nothing came to be.
func (f Folder) RemoveIfEmpty() { _ = os.Remove(string(f)) }

// Exists reports whether there is something at path.
func Exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Schema is where discovered columns are written.
func (f Folder) Schema() string { return filepath.Join(string(f), "schema.yaml") }

const foundHeader = `# The columns as discovered. What stands here was paid for in this run's ledger. A
# new run that declares these columns builds on that spend: let both share a ledger.
`

// WriteSchema writes discovered columns as the data section of a config.
func (f Folder) WriteSchema(schema tabular.Schema, insecure bool) error {
	columns, err := configs.SchemaYAML(schema)
	if err != nil {
		return err
	}
	text := foundHeader + string(columns)
	if insecure {
		text = "# What was found was " + model.InsecureWarning + ".\n" + text
	}
	return atomicfile.Write(f.Schema(), func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
}
