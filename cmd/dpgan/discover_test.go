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
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/internal/runfolder"
)

const undeclaredConfig = `
data:
  path: table.csv
  columns:
    - {name: Age, type: integer}
    - {name: Sex, type: categorical}
model: {generator: {atoms: 8, latent: 4}, discriminator: {hidden: [8]}}
training: {batch_size: 10, steps: 6}
privacy: {target_epsilon: 30, accountant: rdp, budget: {marginals: 0}, row_count: discovered, discovery: {bounds: 5, categories: 5, missing: 5, row_count: 1}}
runtime: {threads: 1, device: cpu}
`

// An interrupted run is resumed with what it found: nothing is asked, or paid
// for, twice.
func TestResumeDoesNotDiscoverAgain(t *testing.T) {
	for _, withConfig := range []bool{true, false} {
		folder := t.TempDir()
		config, out := filepath.Join(folder, "c.yaml"), runfolder.Folder(filepath.Join(folder, "run"))
		for name, text := range map[string]string{"table.csv": "Age,Sex\n" + strings.Repeat("20,F\n30,M\n", 60), "c.yaml": undeclaredConfig} {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		log := &interrupter{word: "msg=train", cancel: cancel}
		var stdout bytes.Buffer
		if code := run(ctx, []string{"train", "--config", config, "--out", string(out)}, testStreams(&stdout, log)); code != exitInterrupted {
			t.Fatalf("exit code = %d: %s", code, log.String())
		}
		args := []string{"train", "--resume", "--out", string(out), "--json"}
		if withConfig {
			args = append(args, "--config", config)
		}
		var stderr bytes.Buffer
		if code := run(t.Context(), args, testStreams(&stdout, &stderr)); code != exitOK {
			t.Fatalf("resume: exit code = %d: %s", code, stderr.String())
		}
		if strings.Contains(stderr.String(), "msg=discover") {
			t.Error("the resumed run asked again")
		}
		var summary trainSummary
		if err := json.Unmarshal(stdout.Bytes(), &summary); err != nil || summary.Steps != 6 {
			t.Fatalf("summary %q: %v", stdout.String(), err)
		}
		model, err := model.Load(summary.Model)
		if err != nil {
			t.Fatal(err)
		}
		asked := map[string]int{}
		for _, e := range model.Privacy().Events {
			if e.Stage == "discovery" && e.Mechanism != accounting.PartitionSelection {
				asked[e.Purpose] += e.Count
			}
		}
		for purpose, want := range map[string]int{"bounds": 1, "categories": 1, "missing": 2, "row_count": 1} {
			if asked[purpose] != want {
				t.Errorf("%s was asked %d times, want %d", purpose, asked[purpose], want)
			}
		}
	}
}
