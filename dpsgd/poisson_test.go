package dpsgd

import (
	"math"
	"testing"
)

func testSampler(t *testing.T, rows int, rate float64) *poissonSampler {
	t.Helper()
	source, err := newStream(InsecureEntropy(7))
	if err != nil {
		t.Fatal(err)
	}
	return &poissonSampler{source: source, rows: rows, rate: rate}
}

// The variance of a Poisson batch's size is n·q(1-q); a shuffled or truncated
// batch has none, sampling with replacement n·q.
func TestPoissonBatchSize(t *testing.T) {
	for _, c := range []struct {
		rows int
		rate float64
	}{{1000, 0.3}, {50, 0.02}, {10_000, 0.001}, {7, 0.9}, {1, 0.5}} {
		const batches = 20_000
		s := testSampler(t, c.rows, c.rate)
		var sum, squares float64
		var batch []uint32
		for range batches {
			batch = s.sample(batch[:0])
			n := float64(len(batch))
			sum += n
			squares += n * n
		}
		mean := sum / batches
		variance := squares/batches - mean*mean
		want, wantVariance := float64(c.rows)*c.rate, float64(c.rows)*c.rate*(1-c.rate)
		// Five standard errors: a false alarm in 1.7 million runs a line.
		if tolerance := 5 * math.Sqrt(wantVariance/batches); math.Abs(mean-want) > tolerance {
			t.Errorf("n=%d q=%g: mean %g, want %g ± %g", c.rows, c.rate, mean, want, tolerance)
		}
		fourth := wantVariance * (1 + 3*wantVariance*(1-2/float64(c.rows))) // of the binomial, roughly
		if tolerance := 5 * math.Sqrt(fourth/batches); math.Abs(variance-wantVariance) > tolerance {
			t.Errorf("n=%d q=%g: variance %g, want %g ± %g", c.rows, c.rate, variance, wantVariance, tolerance)
		}
	}
}

// Each row, and each pair of neighbours, is chosen as often as independence says.
func TestPoissonRows(t *testing.T) {
	const rows, rate, batches = 20, 0.25, 40_000
	s := testSampler(t, rows, rate)
	var single [rows]float64
	var pair [rows]float64
	for range batches {
		var chosen [rows + 1]bool
		last := -1
		for _, i := range s.sample(nil) {
			if int(i) <= last || i >= rows {
				t.Fatalf("row %d after row %d", i, last)
			}
			last = int(i)
			chosen[i] = true
		}
		for i := range rows {
			if chosen[i] {
				single[i]++
				if chosen[i+1] {
					pair[i]++
				}
			}
		}
	}
	within := func(name string, got, p float64) {
		if z := math.Abs(got-p*batches) / math.Sqrt(p*(1-p)*batches); z > 5 {
			t.Errorf("%s: %g of %d, want %g: %g standard errors", name, got, batches, p*batches, z)
		}
	}
	for i := range rows {
		within("row", single[i], rate)
		if i < rows-1 {
			within("pair", pair[i], rate*rate)
		}
	}
}

func TestPoissonTakesAllAtRateOne(t *testing.T) {
	if got := testSampler(t, 5, 1).sample(nil); len(got) != 5 {
		t.Errorf("rate 1 chose %v of 5 rows", got)
	}
}

// A U next to a power of 1-q, where float64 cannot tell the gap, is decided by its digits
// and by bits beyond the first 64: with q = ½ the gap jumps where U passes 2^-k.
func TestOpenGapsAreDecided(t *testing.T) {
	for k := range 40 {
		word := uint64(1)<<(63-k) - 1 // U < 2^-(k+1), whatever follows: k+1 rows are passed over
		for _, c := range []struct {
			word uint64
			want float64
		}{{word, float64(k + 1)}, {word + 1, float64(k)}} {
			s := testSampler(t, 1, 0.5)
			for at := range 8 {
				s.source.buffer[at] = byte(c.word >> (8 * at))
			}
			s.source.used = 0
			if gap := s.gap(math.Log1p(-0.5)); gap != c.want {
				t.Errorf("U = %#x·2^-64: gap %g, want %g", c.word, gap, c.want)
			}
		}
	}
}

// What float64 decides is what more digits decide, and few gaps are left to them.
func TestGapsAreExact(t *testing.T) {
	for _, rate := range []float64{0.9, 0.3, 1e-2, 1e-4, 1e-6} {
		draws := 2_000
		if testing.Short() {
			draws = 100
		}
		quick, open := testSampler(t, 1, rate), 0
		for range draws {
			before := *quick.source
			gap := quick.gap(math.Log1p(-rate))
			after := *quick.source
			slow := poissonSampler{source: &before, rate: rate}
			if exact := slow.exactGap(before.uint64()); gap != exact {
				t.Fatalf("q=%g: gap %g, exactly %g", rate, gap, exact)
			}
			if after.counter*64+uint64(after.used) == before.counter*64+uint64(before.used) {
				open++
			}
		}
		if open > 2 {
			t.Errorf("q=%g: float64 left %d of %d gaps open", rate, open, draws)
		}
	}
}
