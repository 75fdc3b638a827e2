package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/internal/runfolder"
)

// crashConfig is a run of a second or so, with checkpoints often enough to be
// hit while one is written.
const crashConfig = `
data:
  path: table.csv
  columns:
    - {name: Age, type: integer, bounds: [18, 100]}
    - {name: Sex, type: categorical, values: [F, M]}
model: {generator: {atoms: 8, latent: 4}, discriminator: {hidden: [8]}}
training: {batch_size: 8, steps: 1000}
privacy: {target_epsilon: 2, accountant: rdp, budget: {marginals: 0}, ledger: table.jsonl, table_epsilon: 2}
runtime: {threads: 1, device: cpu, checkpoint_every: 20}
`

// crash is a run that is killed and resumed until it ends.
type crash struct {
	t      *testing.T
	folder string // of the table
	out    runfolder.Folder
}

// A run that is killed at any moment has spent at least what its checkpoint
// shows and never more than its target, by its own ledger and by the table's,
// whose chains hold. DPGAN_KILLS sets how often to kill; 200 takes some minutes.
func TestKilledRunsKeepTheirAccounts(t *testing.T) {
	kills := 20
	if text := os.Getenv("DPGAN_KILLS"); text != "" {
		if err := json.Unmarshal([]byte(text), &kills); err != nil || kills < 1 {
			t.Fatalf("DPGAN_KILLS=%s: want a number", text)
		}
	} else if testing.Short() {
		kills = 4
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))

	whole := newCrash(t)
	start := time.Now()
	if !whole.run(0) {
		t.Fatal("a run that nobody killed did not end")
	}
	lasts := time.Since(start)
	whole.check(true)

	for life := newCrash(t); kills > 0; {
		ended := life.run(time.Duration(1 + random.Int64N(int64(lasts))))
		life.check(ended)
		if !ended {
			kills--
		}
		if ended || !runfolder.Exists(life.out.Checkpoint()) {
			life = newCrash(t)
		}
	}
}

func newCrash(t *testing.T) *crash {
	c := &crash{t: t, folder: t.TempDir()}
	c.out = runfolder.Folder(filepath.Join(c.folder, "run"))
	table := "Age,Sex\n" + strings.Repeat("20,F\n30,M\n45,F\n", 40)
	for name, text := range map[string]string{"table.csv": table, "c.yaml": crashConfig} {
		if err := os.WriteFile(filepath.Join(c.folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// run starts or resumes the run, kills it after delay (0: never), and tells
// whether it ended: by itself, or killed when the model was already there.
func (c *crash) run(delay time.Duration) bool {
	c.t.Helper()
	args := []string{"train", "--config", filepath.Join(c.folder, "c.yaml"), "--out", string(c.out), "--json"}
	if runfolder.Exists(c.out.Checkpoint()) {
		args = append(args, "--resume")
	}
	cmd := exec.Command("dpgan", args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	if delay > 0 {
		killer := time.AfterFunc(delay, func() { _ = cmd.Process.Kill() })
		defer killer.Stop()
	}
	err := cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() >= 0 {
		c.t.Fatalf("exit code %d: %s", exit.ExitCode(), stderr.String())
	}
	return err == nil || runfolder.Exists(c.out.Model())
}

// check compares what the ledgers say was spent with what came out.
func (c *crash) check(ended bool) {
	c.t.Helper()
	for _, path := range []string{c.out.Ledger(), filepath.Join(c.folder, "table.jsonl")} {
		if !runfolder.Exists(path) {
			continue // killed before it began
		}
		records, _, err := accounting.ReadLedger(path)
		if err != nil {
			c.t.Fatalf("the ledger does not hold: %v", err)
		}
		events, err := accounting.SpentOf(records)
		if err != nil {
			c.t.Fatal(err)
		}
		spent, err := accounting.RDP.Epsilon(events, 1e-5)
		if err != nil {
			c.t.Fatal(err)
		}
		if spent > 2 {
			c.t.Errorf("%s: ε=%g is spent, more than the target of 2", filepath.Base(path), spent)
		}
		steps := 0
		for _, e := range events {
			if e.Mechanism == accounting.PoissonGaussian {
				steps += e.Count
			}
		}
		if truth := c.stepsDone(); steps < truth {
			c.t.Errorf("%s: %d steps are spent, but %d were done", filepath.Base(path), steps, truth)
		}
		if !ended {
			continue
		}
		model, err := model.Load(c.out.Model())
		if err != nil {
			c.t.Fatal(err)
		}
		if claim := model.Privacy(); claim.Epsilon > 2 || claim.Epsilon < spent {
			c.t.Errorf("the model claims ε=%g of 2, its %s says %g", claim.Epsilon, filepath.Base(path), spent)
		}
	}
}

// stepsDone is what the checkpoint knows, 0 without one.
func (c *crash) stepsDone() int {
	c.t.Helper()
	data, err := os.ReadFile(gan.CheckpointPath(string(c.out)))
	if errors.Is(err, os.ErrNotExist) {
		return 0
	}
	if err != nil || len(data) < 8 {
		c.t.Fatalf("checkpoint of %d bytes: %v", len(data), err)
	}
	var header struct {
		Metadata struct {
			State string `json:"state"`
		} `json:"__metadata__"`
	}
	var state struct {
		Steps int `json:"pairs_steps"`
	}
	if err := json.Unmarshal(data[8:8+binary.LittleEndian.Uint64(data)], &header); err != nil {
		c.t.Fatalf("a torn checkpoint: %v", err)
	}
	if err := json.Unmarshal([]byte(header.Metadata.State), &state); err != nil {
		c.t.Fatalf("a torn checkpoint: %v", err)
	}
	return state.Steps
}
