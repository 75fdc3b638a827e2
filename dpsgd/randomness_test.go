package dpsgd

import (
	"math"
	"reflect"
	"runtime"
	"testing"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd/discrete"
)

// Keys of two runs have nothing in common: each comes from the operating system.
func TestRunsHaveKeysOfTheirOwn(t *testing.T) {
	seen := map[[8]uint32]bool{}
	const runs, keys = 20, 10
	for range runs {
		e := SecureEntropy()
		for range keys {
			key, err := e.key()
			if err != nil {
				t.Fatal(err)
			}
			seen[key] = true
		}
	}
	if len(seen) != runs*keys {
		t.Errorf("%d runs of %d keys have %d different ones", runs, keys, len(seen))
	}
}

// What a step draws on private rows has a seed that nobody can know: that of two runs
// differs, and so does that of two steps of a run.
func TestThePrivateSeedIsFresh(t *testing.T) {
	seen := map[uint64]bool{0: true, 1: true}
	take := func(what string, seed uint64) {
		t.Helper()
		if seen[seed] {
			t.Errorf("%s: seed %d is not fresh", what, seed)
		}
		seen[seed] = true
	}
	for range 3 {
		a := newAffine(t, []uint32{0, 1}, 2, 2, fillWith(1))
		a.gate.entropy = SecureEntropy()
		var err error
		if a.model.Net.PrivateSeed, err = a.dev.Alloc(device.Uint64, 1); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			a.step(t, 1, 1, 1)
			var seed [1]uint64
			if err := a.dev.Download(seed[:], a.model.Net.PrivateSeed, 0); err != nil {
				t.Fatal(err)
			}
			take("step", seed[0])
			host, err := NewHostStep(a.gate, StepConfig{}, nil, true)
			if err != nil {
				t.Fatal(err)
			}
			take("host step", host.draw.Seed)
		}
	}
}

// Steps that begin alike, in one run or in two, share neither noise nor batches.
func TestStepsHaveNoiseOfTheirOwn(t *testing.T) {
	one := InsecureEntropy(4)
	for name, entropies := range map[string][2]*Entropy{
		"a run": {one, one}, "a secure run": {SecureEntropy(), nil}, "secure runs": {SecureEntropy(), SecureEntropy()},
		"insecure runs": {InsecureEntropy(1), InsecureEntropy(2)},
	} {
		var noise [2][]float64
		var batches [2][]uint32
		for i, entropy := range entropies {
			if entropy == nil {
				entropy = entropies[0]
			}
			a := newAffine(t, make([]uint32, 64), 16, 64, fillWith(1))
			a.gate.entropy = entropy
			noise[i] = a.run(t, a.step(t, 1e-12, 1, 1))
			batches[i] = a.step(t, 0.5, 1, 1).sampler.sample(nil)
		}
		if reflect.DeepEqual(noise[0], noise[1]) {
			t.Errorf("%s: two steps have the same noise", name)
		}
		if reflect.DeepEqual(batches[0], batches[1]) { // by chance once in 2^64
			t.Errorf("%s: two steps have the same batch", name)
		}
	}
}

// correlation of two draws of noise, in standard errors.
func correlation(a, b []float64) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab, aa, bb = ab+a[i]*b[i], aa+a[i]*a[i], bb+b[i]*b[i]
	}
	return ab / math.Sqrt(aa*bb) * math.Sqrt(float64(len(a)))
}

// The noise of a table has the variance that was paid for everywhere, however many
// cells it has, and no two pieces of it, two tables of a release, two releases and two
// runs share any. 7 standard errors, at 40,000 comparisons: a false alarm in 1e7 runs.
func TestNoiseIsEverywhereAndItsOwn(t *testing.T) {
	const cells, sigma, stretch = 100_000, 7.0, 4096
	edges := make([]uint32, cells+1)
	for k := range edges {
		edges[k] = uint32(k)
	}
	for name, entropy := range map[string]func() *Entropy{"secure": SecureEntropy, "insecure": seeds()} {
		var stretches [][]float64
		for range 2 { // runs
			gate := NewGate([]uint32{cells, cells}, lavish(t), entropy())
			for range 2 { // releases
				tables, err := gate.Histograms([]int{0, 1}, []Cells{EachBin(edges), EachBin(edges)}, tablesOf(0, sigma))
				if err != nil {
					t.Fatal(err)
				}
				for _, table := range tables {
					for from := 0; from+stretch <= cells; from += stretch {
						stretches = append(stretches, table[from:from+stretch])
					}
				}
			}
		}
		for i, x := range stretches {
			squares := 0.0
			for _, v := range x {
				squares += v * v
			}
			if z := (squares/stretch/(sigma*sigma+1.0/12) - 1) * math.Sqrt(stretch/2.0); !(math.Abs(z) <= 7) {
				t.Errorf("%s: stretch %d: a variance of %.3g, %.1f standard errors off", name, i, squares/stretch, z)
			}
			for j, y := range stretches[:i] {
				if z := correlation(x, y); !(math.Abs(z) <= 7) {
					t.Fatalf("%s: stretches %d and %d of %d are correlated by %.1f standard errors", name, j, i, len(stretches), z)
				}
			}
		}
	}
}

// seeds are insecure runs of different seeds.
func seeds() func() *Entropy {
	seed := uint64(0)
	return func() *Entropy { seed++; return InsecureEntropy(seed) }
}

// The noise does not depend on the number of threads.
func TestNoiseIsTheSameOnAnyThreads(t *testing.T) {
	counts := [][]int64{make([]int64, 3*noisePiece+5), make([]int64, 7), make([]int64, noisePiece)}
	var want [][]float64
	for _, threads := range []int{1, 2, 5} {
		got, err := func() ([][]float64, error) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
			noise, err := discrete.NewRoundedGaussian(30)
			if err != nil {
				t.Fatal(err)
			}
			gate := &Gate{entropy: InsecureEntropy(8)}
			return gate.noisy(counts, noise)
		}()
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%d threads: other noise", threads)
		}
	}
}

// Scores and answers of a discovery of two runs have noise of their own
// too, and so have two scores of one release.
func TestOtherCountsHaveNoiseOfTheirOwn(t *testing.T) {
	const n = 2000
	scores := func() []float64 {
		gate, _, cells := tableGate(t, lavish(t), 0)
		gate.entropy = SecureEntropy()
		tables := make([][]int, n)
		for k := range tables {
			tables[k] = []int{0, 1}
		}
		out, err := gate.L1Distances(cells, tables, func(int) []int64 { return make([]int64, cells[0].Count*cells[1].Count) }, tablesOf(0, 40))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	a, b := scores(), scores()
	// 6 standard errors: a false alarm in 1e8 runs.
	for name, z := range map[string]float64{"two runs": correlation(a, b), "neighbouring scores": correlation(a[1:], a[:n-1])} {
		if !(math.Abs(z) <= 6) {
			t.Errorf("%s: correlated by %.1f standard errors", name, z)
		}
	}
}
