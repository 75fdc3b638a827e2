package bench

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/internal/check"
)

// Target is a device to time.
type Target struct {
	// Name is what the device is asked for by, such as "cpu".
	Name string
	// Host tells that the device computes on the host: it takes a number of
	// threads, and its buffers lie in the host's memory.
	Host bool
	// Open opens the device. threads is 0 unless Host.
	Open func(threads int) (device.Device, error)
}

// Table is a table to train on: Settings name its codec, the nets, the budget, and in
// numbers the steps and the batch, so that a row tells what was timed.
type Table struct {
	Name, Path string
	Settings   gan.Settings
}

// Config is what to time. Zero values stand for the defaults of a suite.
type Config struct {
	// Suites are names that Suites lists; empty: all.
	Suites []string
	// Threads of a host device to go through; empty: all cores.
	Threads []int
	// Batch, Dim and Hidden replace the shapes of the step suites.
	Batch, Dim int
	Hidden     []int
	// Runs is the number of rounds whose median is taken, at least minRuns; 0: 7.
	Runs int
	// Budget bounds the time of one case; 0: a minute. A case that needs more is
	// skipped, with the reason.
	Budget time.Duration
	// Quick makes cases small: a smoke test, whose numbers mean little.
	Quick bool
	// Demo and Adult are the tables of the suites that train; nil: these are skipped.
	Demo, Adult *Table
	// Progress, if set, is told what is being timed.
	Progress func(what string)

	choose func(suite, name string) bool // nil: every case
}

// minRuns is the fewest rounds of which a median is worth reporting.
const minRuns = 5

// Validate reports every value that cannot be timed.
func (c *Config) Validate() error {
	v := check.Values{Prefix: "bench: "}
	var names []string
	for _, s := range Suites() {
		names = append(names, s.Name)
	}
	for _, name := range c.Suites {
		v.Must(slices.Contains(names, name), "suite", name, "must be among "+strings.Join(names, ", "))
	}
	for _, threads := range c.Threads {
		v.Must(threads >= 1 && threads <= 4096, "threads", threads, "must be 1 … 4096")
	}
	for _, width := range c.Hidden {
		v.Must(width >= 1 && width <= 1<<16, "hidden", width, "must be 1 … 65536")
	}
	for _, t := range []*Table{c.Demo, c.Adult} {
		if t != nil {
			v.Must(t.Settings.Training.Steps >= 1, t.Name+".training.steps", t.Settings.Training.Steps, "must be at least 1: auto does not say what is timed")
			v.Must(t.Settings.Training.BatchSize >= 1, t.Name+".training.batch_size", t.Settings.Training.BatchSize, "must be at least 1: auto does not say what is timed")
		}
	}
	v.Must(c.Batch >= 0 && c.Batch <= 1<<24, "batch", c.Batch, "must be 1 … 16777216, or 0 for the suite's own")
	v.Must(c.Dim >= 0 && c.Dim <= 1<<20, "dim", c.Dim, "must be 1 … 1048576, or 0 for the suite's own")
	v.Must(c.Runs == 0 || c.Runs >= minRuns, "runs", c.Runs, fmt.Sprintf("must be at least %d, or 0 for the default", minRuns))
	v.Must(c.Budget >= 0, "budget-seconds", c.Budget.Seconds(), "must be above 0")
	return v.Err()
}

func (c *Config) selected() []Suite {
	all := Suites()
	if len(c.Suites) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(s Suite) bool { return !slices.Contains(c.Suites, s.Name) })
}

func (c *Config) threads() []int {
	if len(c.Threads) == 0 {
		return []int{runtime.GOMAXPROCS(0)}
	}
	return c.Threads
}

func (c *Config) hidden() []int {
	if len(c.Hidden) == 0 {
		return []int{256, 256}
	}
	return c.Hidden
}

func (c *Config) pacing() pacing {
	p := pacing{runs: 7, least: 20 * time.Millisecond, budget: time.Minute}
	if c.Quick {
		p = pacing{runs: minRuns, least: 2 * time.Millisecond, budget: 5 * time.Second}
	}
	if c.Runs > 0 {
		p.runs = c.Runs
	}
	if c.Budget > 0 {
		p.budget = c.Budget
	}
	return p
}
