package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dpgan/dpgan/configs"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/internal/atomicfile"
)

// runFolder is the folder of one training run.
type runFolder string

func (f runFolder) model() string      { return filepath.Join(string(f), "model.safetensors") }
func (f runFolder) ledger() string     { return filepath.Join(string(f), "ledger.jsonl") }
func (f runFolder) config() string     { return filepath.Join(string(f), "config.yaml") }
func (f runFolder) checkpoint() string { return gan.CheckpointPath(string(f)) }

// best is the model of an interrupted run; one at model() is of a run that is finished.
func (f runFolder) best() string {
	return filepath.Join(filepath.Dir(f.checkpoint()), "model.safetensors")
}

// newRunFolder is --out, or a folder of its own under runtime.out. Its name goes into
// the ledgers, so it tells the day and no more of the time.
func newRunFolder(opts TrainOptions, configFile string, config *configs.Config) runFolder {
	if opts.Out != "" {
		return runFolder(opts.Out)
	}
	name := strings.TrimSuffix(filepath.Base(configFile), filepath.Ext(configFile))
	return runFolder(filepath.Join(config.Runtime.Out, name+"-"+time.Now().Format("20060102")+"-"+randomName()))
}

// create makes the folder, and finds out now, not after the training, whether
// it can be written.
func (f runFolder) create() error {
	if err := os.MkdirAll(string(f), 0o755); err != nil {
		return fmt.Errorf("cannot make the folder: %w", err)
	}
	probe, err := os.CreateTemp(string(f), ".writable.*")
	if err != nil {
		return fmt.Errorf("cannot write there: %w", err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// check refuses a folder that the run must not write to, so that nothing is
// overwritten: one with a model, a checkpoint or a spent budget in it.
func (f runFolder) check(opts TrainOptions) error {
	finished, suspended := exists(f.model()), exists(f.checkpoint())
	switch {
	case opts.Resume && opts.Out == "":
		return errors.New("--resume needs --out, the folder of the run to continue")
	case opts.Resume && finished:
		return errors.New("the run is finished: nothing to resume; sample from its model.safetensors")
	case opts.Resume && !suspended:
		return errors.New("no checkpoint in it: nothing to resume; start anew without --resume in another folder")
	case opts.Resume:
		return nil
	case finished:
		return errors.New("holds a finished model: name another folder")
	case suspended:
		return errors.New("holds a checkpoint: continue it with --resume, or name another folder")
	case size(f.ledger()) > 0:
		return errors.New("holds the ledger of a run that was cut off, whose spend must not be forgotten: name another folder")
	}
	return nil
}

// newRunName is the name of a new run in the ledgers. The random part keeps two
// runs in folders of the same name apart: the table's total counts both. A run
// whose noise can be recomputed says so in its name.
func (f runFolder) newRunName(insecure bool) string {
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

// writeConfig leaves the resolved config beside the run.
func (f runFolder) writeConfig(config *configs.Config, insecure bool) error {
	text, err := config.YAML()
	if err != nil {
		return err
	}
	if insecure {
		text = append([]byte("# The run of this folder was "+model.InsecureWarning+".\n"), text...)
	}
	return atomicfile.Write(f.config(), func(w io.Writer) error { _, err := w.Write(text); return err })
}

// removeIfEmpty takes away a folder in which nothing came to be.
func (f runFolder) removeIfEmpty() { _ = os.Remove(string(f)) }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// checkReadable opens an input before anything else is done about it.
func checkReadable(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: no such file", path)
	}
	if err != nil {
		return err
	}
	if info.IsDir() {
		return fmt.Errorf("%s: is a folder: name a .csv, .csv.gz or .parquet file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return file.Close()
}
