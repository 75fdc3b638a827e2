package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/internal/runfolder"
)

// writeTable writes a small table and its config, and returns the config's path.
func writeTable(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	table := "Age,Sex\n" + strings.Repeat("20,F\n30,M\n", 20)
	config := smallConfig + `
model: {generator: {atoms: 8, latent: 4}, discriminator: {hidden: [8]}}
training: {batch_size: 10, steps: 6}
privacy: {budget: {marginals: 0}}
runtime: {threads: 1, device: cpu}
`
	for name, text := range map[string]string{"table.csv": table, "c.yaml": config} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(folder, "c.yaml")
}

// interrupter cancels once the log holds a word, as a signal at that moment would.
type interrupter struct {
	bytes.Buffer
	word   string
	cancel context.CancelFunc
}

func (i *interrupter) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(i.word)) {
		i.cancel()
	}
	return i.Buffer.Write(p)
}

func TestInterruptAndResume(t *testing.T) {
	config := writeTable(t)
	out := filepath.Join(t.TempDir(), "run")
	ctx, cancel := context.WithCancel(t.Context())
	log := &interrupter{word: "msg=train", cancel: cancel}
	var stdout bytes.Buffer

	code := run(ctx, []string{"train", "--config", config, "--out", out}, testStreams(&stdout, log))
	if code != exitInterrupted {
		t.Fatalf("exit code = %d, want %d: %s", code, exitInterrupted, log.String())
	}
	best := runfolder.Folder(out).Best()
	if want := "dpgan: interrupted; " + best + " is the best model so far; continue with dpgan train --resume --out " + out; !strings.Contains(log.String(), want) {
		t.Errorf("stderr = %q, want %q", log.String(), want)
	}
	if stdout.Len() > 0 || runfolder.Exists(runfolder.Folder(out).Model()) {
		t.Errorf("an interrupted run left a result: %q", stdout.String())
	}
	if !runfolder.Exists(runfolder.Folder(out).Checkpoint()) {
		t.Fatal("no checkpoint was written")
	}
	log = &interrupter{word: "never", cancel: cancel}
	if code := run(t.Context(), []string{"sample", "--model", best, "--rows", "3"}, testStreams(&stdout, log)); code != exitOK || strings.Count(stdout.String(), "\n") != 4 {
		t.Fatalf("sample: exit code = %d, %q: %s", code, stdout.String(), log.String())
	}

	stdout.Reset()
	if code := run(t.Context(), []string{"train", "--resume", "--out", out, "--json"}, testStreams(&stdout, log)); code != exitOK {
		t.Fatalf("resume: exit code = %d: %s", code, log.String())
	}
	var summary trainSummary
	if err := json.Unmarshal(stdout.Bytes(), &summary); err != nil {
		t.Fatalf("summary %q: %v", stdout.String(), err)
	}
	if summary.Steps != 6 || summary.Epsilon <= 0 || summary.Epsilon > summary.TargetEpsilon || !runfolder.Exists(summary.Model) || runfolder.Exists(best) {
		t.Errorf("summary = %+v, the model of the interruption is there: %v", summary, runfolder.Exists(best))
	}
}

func TestInterruptedWhileReadingLeavesNothing(t *testing.T) {
	config := writeTable(t)
	out := filepath.Join(t.TempDir(), "run")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	if code := run(ctx, []string{"train", "--config", config, "--out", out}, testStreams(&stdout, &stderr)); code != exitInterrupted {
		t.Errorf("exit code = %d, want %d: %s", code, exitInterrupted, stderr.String())
	}
	if runfolder.Exists(runfolder.Folder(out).Model()) || runfolder.Exists(runfolder.Folder(out).Checkpoint()) {
		t.Error("a run that never began left a model or a checkpoint")
	}
}

func TestRunNamesDiffer(t *testing.T) {
	// Runs in folders of the same name must not be one run to the table's ledger,
	// or the second would count the first one's spend as its own.
	seen := map[string]bool{}
	for range 64 { // chance of a false alarm: 64²/2/2³² ≈ 5e-7
		name := runfolder.Folder("a/run").RunName(false)
		if seen[name] || !strings.HasPrefix(name, "run-") {
			t.Fatalf("name %q", name)
		}
		seen[name] = true
	}
	if name := runfolder.Folder("a/run").RunName(true); !strings.HasSuffix(name, "-insecure") {
		t.Errorf("an insecure run is called %q", name)
	}
}

// failingWriter is a stdout whose disk is full.
type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, fmt.Errorf("no space left on device") }

func TestLostResultsAreFailures(t *testing.T) {
	for _, args := range [][]string{
		{"devices"}, {"devices", "--json"}, {"version"},
		{"accountant", "epsilon", "--sample-rate", "0.1", "--noise-multiplier", "2", "--steps", "1", "--delta", "1e-5", "--accountant", "rdp", "--json"},
	} {
		var stderr bytes.Buffer
		if code := run(t.Context(), args, testStreams(failingWriter{}, &stderr)); code != exitFailure {
			t.Errorf("%v: exit code = %d, want %d (%s)", args, code, exitFailure, stderr.String())
		}
	}
}
