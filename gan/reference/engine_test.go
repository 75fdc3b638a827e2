package reference

import (
	"math"
	"runtime"
	"sort"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/nets"
)

// start makes the reference's engine on the simulated table.
func start(t *testing.T, of trial, k kind) *engine {
	t.Helper()
	return startFrom(t, of, of.engineConfig(k))
}

func startFrom(t *testing.T, of trial, b nets.EngineConfig) *engine {
	t.Helper()
	gate, err := of.gate(b.Cells)
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewEngine(nil, gate, b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e.(*engine)
}

// advance does steps of discriminator and generator.
func advance(t *testing.T, of trial, e nets.Engine, b *nets.EngineConfig, steps int) {
	t.Helper()
	for done := range steps {
		if err := (leg{trial: of}).simulate(e, b, done+1, done == 0); err != nil {
			t.Fatal(err)
		}
	}
}

// The simulation must have what it claims, or Verify would compare less.
func TestSimulationHasChunksAndBothSidesOfTheNorm(t *testing.T) {
	for _, of := range []trial{single, trialOf(device.BrainFloat16)} {
		e := start(t, of, kind{net: true})
		chunks := 0
		for range 20 {
			if err := e.host.Run(1, e.sum, func([][]uint32, device.Draw, []int64) error { chunks++; return nil }); err != nil {
				t.Fatal(err)
			}
		}
		if chunks <= 20 || chunks >= 40 {
			t.Errorf("%d chunks in 20 steps: some batches, but not all, should outgrow the physical batch", chunks)
		}
		advance(t, of, e, &e.config, 20)
		norms := fakeNorms(t, e)
		if low, high := norms[len(norms)/4], norms[len(norms)*3/4]; !(low < of.norm && of.norm < high) {
			t.Errorf("norms from %g to %g: max_grad_norm=%g is not amid them (quartiles %g and %g)", norms[0], norms[len(norms)-1], of.norm, low, high)
		}
	}
}

// fakeNorms are the norms of the gradients of fakes, half of them taken for real, sorted.
func fakeNorms(t *testing.T, e *engine) (norms []float64) {
	t.Helper()
	if err := e.there.run(); err != nil {
		t.Fatal(err)
	}
	f := e.fakes(e.there.logits.values())
	e.config.Step.MaxGradNorm = 32 // longer than any, and still with digits for them
	for i := range e.config.Atoms.Count {
		copy(e.net.record.row, f.rows[i*e.config.Layout.Width:])
		norms = append(norms, clippedNorm(t, e, i, math.Copysign(1, float64(i%2)-0.5)))
	}
	sort.Float64s(norms)
	return norms
}

// clippedNorm is the norm of what addRecord adds for the record in the leaves.
func clippedNorm(t *testing.T, e *engine, record int, sign float64) float64 {
	t.Helper()
	sum := make([]int64, e.net.size)
	if err := e.addRecord(record, sign, e.now(), sum); err != nil {
		t.Fatal(err)
	}
	square := 0.0
	for _, v := range sum {
		square += float64(v) * float64(v)
	}
	return math.Ldexp(e.config.Step.MaxGradNorm*math.Sqrt(square), -device.SumBits)
}

func TestRecordsAreClipped(t *testing.T) {
	e := start(t, single, kind{net: true})
	const c = 0.01
	e.config.Step.MaxGradNorm = c
	for _, value := range []float64{0, 1, -1e3, 1e30, 1e200, math.Inf(1), math.NaN()} {
		for i := range e.net.record.row {
			e.net.record.row[i] = value
		}
		for _, sign := range []float64{1, -1} {
			got := clippedNorm(t, e, 0, sign)
			if got > c {
				t.Errorf("row of %g: adds %g, above %g", value, got, c)
			}
			if (math.Abs(value) > 1e100 || math.IsNaN(value)) && got != 0 {
				t.Errorf("row of %g: adds %g: a gradient that is not finite must add nothing", value, got)
			}
		}
	}
}

// An engine started from a state that another left goes on alike where no
// private row is involved.
func TestStateIsWhole(t *testing.T) {
	for _, k := range kinds {
		one := start(t, single, k)
		advance(t, single, one, &one.config, 3)
		state, err := one.State()
		if err != nil {
			t.Fatal(err)
		}
		b := single.engineConfig(k)
		b.Initial = state
		other := startFrom(t, single, b)
		for _, e := range []*engine{one, other} {
			for k := range meanPrefixes {
				if err := aim(e, &b, k); err != nil {
					t.Fatal(err)
				}
			}
			for range 3 {
				if err := e.GeneratorStep(single.rate, single.codesRate); err != nil {
					t.Fatal(err)
				}
			}
		}
		report := Report{OK: true}
		if err := report.compare(other, one, single); err != nil {
			t.Fatal(err)
		}
		for _, p := range report.Parameters {
			if p.Difference != 0 {
				t.Errorf("%+v: %s differs by %g", k, p.Name, p.Difference)
			}
		}
	}
}

func TestEngineRefusesForeignStates(t *testing.T) {
	b := single.engineConfig(kind{net: true})
	gate, err := single.gate(b.Cells)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(b *nets.EngineConfig){
		"no codes":        func(b *nets.EngineConfig) { delete(b.Initial.Tensors, "generator.codes") },
		"no moments":      func(b *nets.EngineConfig) { delete(b.Initial.Tensors, "second/discriminator.layer1.bias") },
		"nothing best":    func(b *nets.EngineConfig) { delete(b.Initial.Tensors, "best/generator.heads.bias") },
		"nothing held":    func(b *nets.EngineConfig) { delete(b.Initial.Tensors, "held/discriminator.pairs") },
		"another net":     func(b *nets.EngineConfig) { b.Net.Config.Hidden = []int{15, 12, 8} },
		"fewer atoms":     func(b *nets.EngineConfig) { b.Atoms.Count-- },
		"a table too few": func(b *nets.EngineConfig) { b.Pairs = pairTables(b.Layout, simulatedTables(false)[1:]) },
	} {
		b := single.engineConfig(kind{net: true})
		change(&b)
		if _, err := NewEngine(nil, gate, b); err == nil || !strings.Contains(err.Error(), "tensor") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Without planned steps there is nothing to learn by, and that is an error.
func TestNoStepsWerePlanned(t *testing.T) {
	for _, k := range kinds {
		b := single.engineConfig(k)
		b.Step.SampleRate = 0
		e := startFrom(t, single, b)
		if e.PairsStep(0) == nil || e.NetStep(1) == nil {
			t.Errorf("%+v: a step was taken", k)
		}
		if err := aim(e, &b, 0); err != nil {
			t.Fatal(err)
		}
		if err := e.GeneratorStep(single.rate, single.codesRate); err != nil {
			t.Errorf("%+v: %v", k, err)
		}
	}
}

func TestMemoryDoesNotGrow(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for _, k := range kinds[:2] {
		e := start(t, single, k)
		advance(t, single, e, &e.config, 4)
		before := heap()
		advance(t, single, e, &e.config, 20)
		// A run of the smallest graph leaves some 100 kB of garbage; twenty steps run
		// graphs 1,000 times.
		if after := heap(); after > before+1<<20 {
			t.Errorf("%+v: the heap grew from %d to %d bytes in 20 steps", k, before, after)
		}
	}
}
