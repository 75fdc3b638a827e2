package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// interruptedRun is a run in folder/run that was interrupted after it had paid for its
// tables, on a table whose ledger is folder/table.jsonl if shared.
func interruptedRun(t *testing.T, shared bool) (folder string, args []string) {
	t.Helper()
	config := writeTable(t)
	folder = filepath.Dir(config)
	args = []string{"train", "--config", config, "--out", filepath.Join(folder, "run")}
	if shared {
		args = append(args, "--set", "privacy.ledger="+filepath.Join(folder, "table.jsonl"), "--set", "privacy.table_epsilon=5")
	}
	ctx, cancel := context.WithCancel(t.Context())
	log := &interrupter{word: "msg=train", cancel: cancel}
	if code := run(ctx, args, testStreams(&bytes.Buffer{}, log)); code != exitInterrupted {
		t.Fatalf("exit code = %d, want %d: %s", code, exitInterrupted, log.String())
	}
	return folder, append(args, "--resume", "--json")
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

// firstLines keeps the first lines of a file.
func firstLines(t *testing.T, path string, lines int) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Join(bytes.SplitAfter(data, []byte("\n"))[:lines], nil), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A run whose ledger, or whose table's, has forgotten what the checkpoint rests on
// is not resumed; it is with --charge-missing, and then both ledgers hold all of it.
func TestResumeRefusesLedgersThatForgot(t *testing.T) {
	for name, c := range map[string]struct {
		shared bool
		damage func(t *testing.T, folder string)
		named  string
	}{
		"own removed":   {false, func(t *testing.T, folder string) { remove(t, filepath.Join(folder, "run", "ledger.jsonl")) }, "ledger.jsonl"},
		"own cut":       {true, func(t *testing.T, folder string) { firstLines(t, filepath.Join(folder, "run", "ledger.jsonl"), 1) }, "ledger.jsonl"},
		"table cut":     {true, func(t *testing.T, folder string) { firstLines(t, filepath.Join(folder, "table.jsonl"), 1) }, "table.jsonl"},
		"table removed": {true, func(t *testing.T, folder string) { remove(t, filepath.Join(folder, "table.jsonl")) }, "table.jsonl"},
	} {
		t.Run(name, func(t *testing.T) {
			folder, args := interruptedRun(t, c.shared)
			c.damage(t, folder)
			var stdout, stderr bytes.Buffer
			if code := run(t.Context(), args, testStreams(&stdout, &stderr)); code != exitUsage || !strings.Contains(stderr.String(), c.named) || !strings.Contains(stderr.String(), "--charge-missing") {
				t.Fatalf("exit code = %d, want %d: %s", code, exitUsage, stderr.String())
			}
			if code := run(t.Context(), append(args, "--charge-missing"), testStreams(&stdout, &stderr)); code != exitOK {
				t.Fatalf("--charge-missing: exit code = %d: %s", code, stderr.String())
			}
			var summary trainSummary
			last := bytes.TrimSpace(stdout.Bytes())
			if err := json.Unmarshal(last[bytes.LastIndexByte(last, '\n')+1:], &summary); err != nil {
				t.Fatalf("%q: %v", stdout.String(), err)
			}
			ledgers := []string{filepath.Join(folder, "run", "ledger.jsonl")}
			if c.shared {
				ledgers = append(ledgers, filepath.Join(folder, "table.jsonl"))
			}
			for _, path := range ledgers {
				records, _, err := accounting.ReadLedger(path)
				if err != nil {
					t.Fatal(err)
				}
				events, err := accounting.SpentOf(records)
				if err != nil {
					t.Fatal(err)
				}
				spent, err := accounting.PLD.Epsilon(events, summary.Delta)
				if err != nil || spent < 0.999*summary.Epsilon {
					t.Errorf("%s: ε=%g is spent, the model claims %g: %v", filepath.Base(path), spent, summary.Epsilon, err)
				}
			}
		})
	}
}

// The ledger of the table that a run began with must be named to go on, and no other.
func TestResumeKeepsTheTablesLedger(t *testing.T) {
	folder, args := interruptedRun(t, true)
	var stderr bytes.Buffer
	without := append(args, "--set", "privacy.ledger=", "--set", "privacy.table_epsilon=0")
	if code := run(t.Context(), without, testStreams(&bytes.Buffer{}, &stderr)); code != exitUsage || !strings.Contains(stderr.String(), "table.jsonl") {
		t.Errorf("without a ledger: exit code = %d: %s", code, stderr.String())
	}
	stderr.Reset()
	other := filepath.Join(folder, "other.jsonl")
	l, err := accounting.OpenLedger(other, accounting.Header{Epsilon: 5, Delta: 1e-5})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if code := run(t.Context(), append(args, "--set", "privacy.ledger="+other), testStreams(&bytes.Buffer{}, &stderr)); code != exitUsage || !strings.Contains(stderr.String(), "not the one that the run began with") {
		t.Errorf("another ledger: exit code = %d: %s", code, stderr.String())
	}
	if code := run(t.Context(), args, testStreams(&bytes.Buffer{}, &stderr)); code != exitOK {
		t.Errorf("the same ledger: exit code = %d: %s", code, stderr.String())
	}
}

// What a run was planned for does not change once something was seen.
func TestResumeKeepsThePlan(t *testing.T) {
	_, args := interruptedRun(t, false)
	for _, set := range []string{"privacy.target_epsilon=4", "privacy.target_delta=1e-4", "privacy.accountant=rdp", "training.steps=7"} {
		var stderr bytes.Buffer
		if code := run(t.Context(), append(args, "--set", set), testStreams(&bytes.Buffer{}, &stderr)); code != exitUsage || !strings.Contains(stderr.String(), "another configuration") {
			t.Errorf("%s: exit code = %d: %s", set, code, stderr.String())
		}
	}
}

// A run is not resumed on a table of another number of rows, where that is public: the
// rate that was charged would not be the one that rows are drawn at.
func TestResumeRefusesAnotherTable(t *testing.T) {
	folder, args := interruptedRun(t, false)
	tables, err := filepath.Glob(filepath.Join(folder, "*.csv"))
	if err != nil || len(tables) != 1 {
		t.Fatal(tables, err)
	}
	data, err := os.ReadFile(tables[0])
	if err != nil {
		t.Fatal(err)
	}
	firstLines(t, tables[0], bytes.Count(data, []byte("\n"))-1)
	var stderr bytes.Buffer
	if code := run(t.Context(), args, testStreams(&bytes.Buffer{}, &stderr)); code != exitUsage || !strings.Contains(stderr.String(), "data.path") || !strings.Contains(stderr.String(), "rows, and the run began with") {
		t.Fatalf("exit code = %d: %s", code, stderr.String())
	}
	if err := os.WriteFile(tables[0], data, 0o600); err != nil {
		t.Fatal(err)
	}
	if code := run(t.Context(), args, testStreams(&bytes.Buffer{}, &stderr)); code != exitOK {
		t.Errorf("on its own table: exit code = %d: %s", code, stderr.String())
	}
}
