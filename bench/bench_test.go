package bench

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/dpgan/dpgan/configs"
	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/device/devicetest"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/gan/nets"
	"github.com/dpgan/dpgan/internal/cohort"
	"github.com/dpgan/dpgan/tabular"
)

func host() Target {
	return Target{Name: "cpu", Host: true, Open: func(threads int) (device.Device, error) { return cpu.New(threads), nil }}
}

// demo is the demo's table, with so many rows, and a training of so many steps, each of
// half of the rows.
func demo(tb testing.TB, rows, steps int) *Table {
	tb.Helper()
	var config struct {
		Data struct {
			tabular.Schema `yaml:",inline"`
		}
	}
	if err := yaml.Unmarshal(configs.Medical, &config); err != nil {
		tb.Fatal(err)
	}
	codec, err := config.Data.Compile()
	if err != nil {
		tb.Fatal(err)
	}
	path := filepath.Join(tb.TempDir(), "medical.csv")
	f, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	if err := errors.Join(cohort.Write(f, rows, 1), f.Close()); err != nil {
		tb.Fatal(err)
	}
	t := &Table{Name: "demo", Path: path, Settings: gan.Settings{Domain: &tabular.Domain{Codec: codec}, Model: nets.DefaultModelConfig(),
		Training: gan.DefaultTrainingConfig(), Privacy: dpsgd.DefaultConfig()}}
	t.Settings.Training.Steps, t.Settings.Training.BatchSize = steps, rows/2
	return t
}

func run(t *testing.T, cfg Config) []Row {
	t.Helper()
	var rows []Row
	if err := Run(t.Context(), cfg, []Target{host()}, func(r Row) { rows = append(rows, r) }); err != nil {
		t.Fatal(err)
	}
	return rows
}

// Every suite gives rows with the keys that readers rely on, or says why not.
func TestEverySuiteGivesRows(t *testing.T) {
	cfg := Config{Quick: true, Batch: 40, Dim: 24, Hidden: []int{16}, Threads: []int{1}, Demo: demo(t, 600, 2)}
	cfg.Demo.Settings.Model.Generator.Atoms = 16
	noise := 5.
	cfg.Demo.Settings.Privacy.NoiseMultiplier, cfg.Demo.Settings.Privacy.Accountant = &noise, "rdp"
	seen := map[string]int{}
	for _, row := range run(t, cfg) {
		seen[row.Suite]++
		text, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range strings.Fields("suite name device mode batch dim ms rows_per_s gflops bytes") {
			if !strings.Contains(string(text), `"`+key+`":`) {
				t.Errorf("%s has no %s", text, key)
			}
		}
		switch {
		case row.Suite == "e2e-adult":
			if !row.Skipped() || row.Reason == "" {
				t.Errorf("without the table: %s", text)
			}
		case row.Skipped() || row.Reason != "":
			t.Errorf("skipped: %s", text)
		case !(row.MS > 0 && row.MSLow <= row.MS && row.MS <= row.MSHigh && row.Runs >= 1):
			t.Errorf("no measurement: %s", text)
		}
	}
	for _, s := range Suites() {
		if seen[s.Name] == 0 {
			t.Errorf("%s gives no row", s.Name)
		}
	}
}

// A case for which there is no memory is skipped, and says what would fit. A row takes
// 64 floats of input, 17 of outputs, 17 of deltas: 392 bytes, of which
// the 20,000 that are free hold 51.
func TestCrampedCasesSayWhatFits(t *testing.T) {
	target := Target{Name: "cramped", Open: func(int) (device.Device, error) { return devicetest.Cramped{Device: cpu.New(1), Most: 20000}, nil }}
	var rows []Row
	cfg := Config{Suites: []string{"step-micro"}, Quick: true, Batch: 100, Dim: 64, Hidden: []int{16}}
	if err := Run(t.Context(), cfg, []Target{target}, func(r Row) { rows = append(rows, r) }); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 {
		t.Fatalf("%d rows, want two modes", len(rows))
	}
	const want = "does not fit: no memory for 25,600 bytes: 20,000 are free; the largest batch that fits is about 51"
	if !rows[0].Skipped() || rows[0].Reason != want {
		t.Errorf("reason %q, want %q", rows[0].Reason, want)
	}
}

// What a private step sums is the gradient, but for the clip and the grid.
func TestPrivateSumsTheGradient(t *testing.T) {
	dev := cpu.New(1)
	defer dev.Close()
	a := allocator{meter: &meter{Device: dev}}
	c := newCritic(a, []int{24, 16, 8, 1})
	p := c.newPass(c.rows(50, 24, false))
	for _, mode := range []string{private, nonPrivate} {
		p.sums(mode)()
	}
	private, plain := make([]uint64, c.private.Len), make([]float32, c.gradient.Len)
	if err := errors.Join(dev.Download(private, c.private.Buffer, 0), dev.Download(plain, c.gradient.Buffer, 0)); err != nil {
		t.Fatal(err)
	}
	inner, ours, theirs := 0.0, 0.0, 0.0
	for i, word := range private {
		x, y := math.Ldexp(maxGradNorm*float64(int64(word)), -device.SumBits), float64(plain[i])
		inner, ours, theirs = inner+x*y, ours+x*x, theirs+y*y
	}
	if cosine := inner / math.Sqrt(ours*theirs); cosine < 0.95 {
		t.Errorf("the clipped sum and the plain one have a cosine of %.3f", cosine)
	}
	if ours > 0.99*theirs {
		t.Errorf("nothing was clipped: norms %.4g and %.4g", math.Sqrt(ours), math.Sqrt(theirs))
	}
}

// Timing repeats short runs, begins each round with another contender, and does
// not start what the budget does not allow.
func TestInterleave(t *testing.T) {
	var order []string
	wait := func(name string, d time.Duration) contender {
		return contender{mode: name, run: func() { order = append(order, name); time.Sleep(d) }, sync: func() error { return nil }}
	}
	p := pacing{runs: 5, least: time.Millisecond, budget: time.Minute}
	_, err := p.interleave(t.Context(), []contender{wait("a", 2*time.Millisecond), wait("b", 4*time.Millisecond)})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(order, ""); got != "aabb"+"abbaabbaab" {
		t.Errorf("order %s", got)
	}
	p.budget = 5 * time.Millisecond
	if _, err := p.interleave(t.Context(), []contender{wait("c", 3*time.Millisecond)}); !errors.As(err, new(*skip)) {
		t.Errorf("5 rounds of 3 ms in 5 ms: %v, want a skip", err)
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.interleave(stopped, []contender{wait("d", 0)}); !errors.Is(err, context.Canceled) {
		t.Errorf("after cancel: %v", err)
	}
}

func TestQuantile(t *testing.T) {
	values := []float64{4, 1, 3, 2}
	for p, want := range map[float64]float64{0: 1, 0.25: 1.75, 0.5: 2.5, 1: 4} {
		if got := quantile(values, p); got != want {
			t.Errorf("quantile %g = %g, want %g", p, got, want)
		}
	}
}

func TestSummarize(t *testing.T) {
	row := func(suite, device, name string, ms, over float64) Row {
		return Row{MessageType: "row", Suite: suite, Device: device, Name: name, Mode: private, MS: ms, OverNonPrivate: over}
	}
	list := Summarize([]Row{row("dp-tax", "cpu", "a", 8, 1.1), row("dp-tax", "cpu", "b", 4, 1.3), row("dp-tax", "cuda", "a", 2, 1.5),
		{MessageType: "skipped", Suite: "dp-tax", Device: "cuda", Name: "b", Mode: private}})
	want := []Summary{
		{"summary", "dp-tax", "cpu", 0, nonPrivate, 1.2, 1.1, 1.3, 2},
		{"summary", "dp-tax", "cuda", 0, nonPrivate, 1.5, 1.5, 1.5, 1},
		{"summary", "dp-tax", "cuda", 0, "cpu", 0.25, 0.25, 0.25, 1},
	}
	if !slices.EqualFunc(list, want, func(a, b Summary) bool {
		same := math.Abs(a.Ratio-b.Ratio) < 1e-12
		a.Ratio = b.Ratio
		return same && a == b
	}) {
		t.Errorf("%v, want %v", list, want)
	}
}

func TestWhatCannotBeTimed(t *testing.T) {
	steps, batch := &Table{Name: "demo"}, &Table{Name: "adult"}
	steps.Settings.Training.BatchSize, batch.Settings.Training.Steps = 8, 8
	for name, cfg := range map[string]Config{
		"demo.training.steps": {Demo: steps}, "adult.training.batch_size": {Adult: batch}, "suite": {Suites: []string{"all"}}, "threads": {Threads: []int{0}}, "batch": {Batch: -1}, "dim": {Dim: 1 << 21},
		"hidden": {Hidden: []int{0}}, "runs": {Runs: 4}, "budget-seconds": {Budget: -1},
	} {
		if err := Run(t.Context(), cfg, nil, nil); err == nil || !strings.Contains(err.Error(), "bench: "+name+"=") {
			t.Errorf("%s: %v", name, err)
		}
	}
	closed := errors.New("not there")
	gone := Target{Name: "gone", Open: func(int) (device.Device, error) { return nil, closed }}
	emitted := false
	if err := Run(t.Context(), Config{Quick: true}, []Target{host(), gone}, func(Row) { emitted = true }); !errors.Is(err, closed) || emitted {
		t.Errorf("a device that does not open: %v, rows before: %t", err, emitted)
	}
	for _, row := range run(t, Config{Suites: []string{"step-micro"}, Batch: 1 << 24, Dim: 1 << 20}) {
		if !row.Skipped() || !strings.Contains(row.Reason, "memory") {
			t.Errorf("64 TiB: %+v", row)
		}
	}
}
