package discrete

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/iotest"
)

// draw is one value.
func (g *RoundedGaussian) draw(source io.Reader) (int64, error) {
	var x [1]int64
	err := g.Fill(x[:], source)
	return x[0], err
}

func seeded(seed byte) io.Reader { return rand.NewChaCha8([32]byte{seed}) }

func rounded(t testing.TB, sigma float64) *RoundedGaussian {
	t.Helper()
	g, err := NewRoundedGaussian(sigma)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// words is a source of the given 64-bit words, and then none.
func words(w ...uint64) io.Reader {
	var b bytes.Buffer
	_ = binary.Write(&b, binary.LittleEndian, w) // a buffer takes all
	return &b
}

// A draw is the number of tails above its uniform, whatever the guess of the float.
func TestDrawInverts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, sigma := range []float64{1e-300, 1e-3, 0.2, 1, 8, 90} {
		g := rounded(t, sigma)
		for range 300 {
			word := random.Uint64() >> random.IntN(60)
			want := int64(0)
			for word>>1 < g.floor(want) {
				want++
			}
			if word>>1 == g.floor(want) {
				continue // undecided: below
			}
			if word&1 == 1 {
				want = -want
			}
			if got, err := g.draw(words(word)); err != nil || got != want {
				t.Fatalf("σ=%g, word %x: %d, want %d (%v)", sigma, word, got, want, err)
			}
		}
		for guess := int64(0); guess < 1000; guess = 2*guess + 1 {
			if got, err := g.search(&uniform{first: 1 << 61}, guess); err != nil ||
				got != int64(math.Round(1.1503493803760079*sigma)) { // Pr[|N| > 1.1503…] = ¼
				t.Errorf("σ=%g: found %d from %d (%v)", sigma, got, guess, err)
			}
		}
	}
}

// Where the first bits of the uniform are those of a tail, more bits of both decide:
// the uniform of n right bits and then zeros lies below the tail, the next one of n
// bits does not.
func TestTiesAreDecidedByMoreBits(t *testing.T) {
	for _, tt := range []struct {
		sigma float64
		k     int64
	}{{1, 0}, {3.3, 5}, {25, 31}, {1e6, 1_234_567}, {1, 11}, {1 << 40, 10 << 40}} { // the last two lie below 2^-63
		g := rounded(t, tt.sigma)
		for _, more := range []int{1, 2, 5} {
			n := uint(firstBits + 64*more)
			low, _ := g.tail.bounds(tt.k, 2*n+firstPrecision)
			low.Rsh(low, n+firstPrecision)
			for add, beyond := range []bool{true, false} {
				bits := new(big.Int).Add(low, big.NewInt(int64(add)))
				w := []uint64{new(big.Int).Rsh(bits, 64*uint(more)).Uint64() << 1}
				for i := more - 1; i >= 0; i-- {
					word := new(big.Int).Rsh(bits, 64*uint(i))
					w = append(w, word.And(word, new(big.Int).SetUint64(math.MaxUint64)).Uint64())
				}
				got, err := g.draw(words(append(w, make([]uint64, 20)...)...))
				if err != nil || (got > tt.k) != beyond || tt.sigma < 100 && got-tt.k > 1 {
					t.Errorf("σ=%g: %d bits of Pr[|X| > %d], plus %d: drew %d (%v)", tt.sigma, n, tt.k, add, got, err)
				}
			}
		}
	}
}

// The draws do not depend on how many are asked for at a time, nor on what is known
// of the tails from earlier draws, on one thread as on several.
func TestFillIsDrawByDraw(t *testing.T) {
	const n = 3*drawsAtOnce + 17
	g := rounded(t, 50)
	want := make([]int64, n)
	source := seeded(3)
	for i := range want {
		x, err := g.draw(source)
		if err != nil {
			t.Fatal(err)
		}
		want[i] = x
	}
	fresh := rounded(t, 50)
	var done sync.WaitGroup
	for range 4 {
		done.Go(func() {
			got := make([]int64, n)
			if err := fresh.Fill(got, seeded(3)); err != nil || !slices.Equal(got, want) {
				t.Errorf("filled otherwise than drawn: %v", err)
			}
		})
	}
	done.Wait()
}

func TestRefusals(t *testing.T) {
	for _, sigma := range []float64{0, -1, math.NaN(), math.Inf(1), 1<<40 + 1} {
		if _, err := NewRoundedGaussian(sigma); err == nil {
			t.Errorf("sigma %v was taken", sigma)
		}
	}
}

// A source that fails gives an error, never a draw without noise.
func TestSourceErrors(t *testing.T) {
	broken := errors.New("broken")
	g := rounded(t, 3)
	if _, err := g.draw(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("gaussian: %v", err)
	}
	if _, err := g.draw(io.LimitReader(seeded(1), 7)); err == nil {
		t.Error("a source of seven bytes was enough")
	}
	if _, err := g.draw(words(g.floor(2) << 1)); err == nil {
		t.Error("a tie was decided without more bits")
	}
	if err := g.Fill(make([]int64, 2*drawsAtOnce), io.LimitReader(seeded(1), 8*drawsAtOnce)); err == nil {
		t.Error("half of the bytes were enough")
	}
}

func BenchmarkRoundedGaussian(b *testing.B) {
	g, source, draws := rounded(b, 100), seeded(1), make([]int64, 10_000)
	for b.Loop() {
		if err := g.Fill(draws, source); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(draws)), "ns/draw")
}
