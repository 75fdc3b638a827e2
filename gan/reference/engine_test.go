package reference

import (
	"math"
	"runtime"
	"sort"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan"
)

// start makes the reference's engine on the simulated table.
func start(t *testing.T) *engine {
	t.Helper()
	return startTrial(t, single)
}

func startTrial(t *testing.T, of trial) *engine {
	t.Helper()
	e, err := of.engine(NewEngine, nil, 20, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e.(*engine)
}

func advance(t *testing.T, e gan.Engine, from, to int) {
	t.Helper()
	for done := from + 1; done <= to; done++ {
		if err := single.simulate(e, done); err != nil {
			t.Fatal(err)
		}
	}
}

// The simulation must have what it claims, or Verify would compare less.
func TestSimulationHasChunksAndBothSidesOfTheNorm(t *testing.T) {
	for _, of := range []trial{single, trialOf(device.BrainFloat16)} {
		checkSimulation(t, of)
	}
}

func checkSimulation(t *testing.T, of trial) {
	t.Helper()
	e := startTrial(t, of)
	advance(t, e, 0, 20)
	if chunks := e.chunks; chunks <= 20 || chunks >= 40 {
		t.Errorf("%d chunks in 20 steps: some batches, but not all, should outgrow the physical batch", chunks)
	}
	f, err := e.makeFakes()
	if err != nil {
		t.Fatal(err)
	}
	var norms []float64
	e.blueprint.Step.MaxGradNorm = 32 // longer than any, and still with digits for them
	for i := range f.wishes {
		copy(e.record.row, f.rows[i*len(e.record.row):])
		copy(e.record.condition, f.condition[i*len(e.record.condition):])
		norms = append(norms, clippedNorm(t, e, i, math.Copysign(1, float64(i%2)-0.5)))
	}
	sort.Float64s(norms)

	if c := blueprintOf(t, of, e.blueprint.Layout, 1).Step.MaxGradNorm; !(norms[len(norms)/4] < c && c < norms[len(norms)*3/4]) {
		t.Errorf("norms from %g to %g: max_grad_norm=%g is not amid them (quartiles %g and %g)", norms[0], norms[len(norms)-1], c, norms[len(norms)/4], norms[len(norms)*3/4])
	}
}

// clippedNorm is the norm of what addRecord adds for the record in the leaves.
func clippedNorm(t *testing.T, e *engine, record int, sign float64) float64 {
	t.Helper()
	sum := make([]int64, len(e.private))
	if err := e.addRecord(record, sign, e.now(), sum); err != nil {
		t.Fatal(err)
	}
	square := 0.0
	for _, v := range sum {
		square += float64(v) * float64(v)
	}
	return math.Ldexp(e.blueprint.Step.MaxGradNorm*math.Sqrt(square), -device.SumBits)
}

func TestRecordsAreClipped(t *testing.T) {
	e := start(t)
	const c = 0.01
	e.blueprint.Step.MaxGradNorm = c
	for _, value := range []float64{0, 1, -1e3, 1e30, 1e200, math.Inf(1), math.NaN()} {
		for i := range e.record.row {
			e.record.row[i] = value
		}
		for _, sign := range []float64{1, -1} {
			got := clippedNorm(t, e, 0, sign)
			if got > c {
				t.Errorf("row of %g: adds %g, above %g", value, got, c)
			}
			if math.Abs(value) > 1e100 || math.IsNaN(value) {
				if got != 0 {
					t.Errorf("row of %g: adds %g: a gradient that is not finite must add nothing", value, got)
				}
			}
		}
	}
}

// An engine started from a state that another left goes on alike where no
// private row is involved.
func TestStateIsWhole(t *testing.T) {
	one := start(t)
	advance(t, one, 0, 3)
	state, err := one.State()
	if err != nil {
		t.Fatal(err)
	}
	gate, err := single.gate(one.blueprint.Layout)
	if err != nil {
		t.Fatal(err)
	}
	b := blueprintOf(t, single, one.blueprint.Layout, 20)
	b.Initial = state
	other, err := NewEngine(nil, gate, b)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for _, e := range []gan.Engine{one, other} {
		for range 3 {
			if err := e.GeneratorStep(single.generatorRate); err != nil {
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
			t.Errorf("%s differs by %g", p.Name, p.Difference)
		}
	}
}

func TestEngineRefusesForeignStates(t *testing.T) {
	layout := simulatedLayout()
	gate, err := single.gate(layout)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(b *gan.Blueprint){
		"missing":   func(b *gan.Blueprint) { delete(b.Initial.Tensors, "second/discriminator.layer1.bias") },
		"misshapen": func(b *gan.Blueprint) { b.Model.Discriminator.Hidden = []int{15, 12, 8} },
	} {
		b := blueprintOf(t, single, layout, 1)
		change(&b)
		if _, err := NewEngine(nil, gate, b); err == nil || !strings.Contains(err.Error(), "tensor") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMemoryDoesNotGrow(t *testing.T) {
	e := start(t)
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	advance(t, e, 0, 4)
	before := heap()
	advance(t, e, 4, 24)
	// A run of the smallest graph leaves some 100 kB of garbage; twenty steps run
	// graphs 1,700 times.
	if after := heap(); after > before+1<<20 {
		t.Errorf("the heap grew from %d to %d bytes in 20 steps", before, after)
	}
}

// blueprintOf is t's blueprint.
func blueprintOf(t *testing.T, of trial, layout *device.Layout, steps int) gan.Blueprint {
	t.Helper()
	b, err := of.blueprint(layout, steps)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
