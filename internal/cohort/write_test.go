package cohort

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestWriteIsDeterministicAndPrefixStable(t *testing.T) {
	var short, long, other bytes.Buffer
	for _, run := range []struct {
		w    io.Writer
		rows int
		seed uint64
	}{{&short, 100, 1}, {&long, 200, 1}, {&other, 100, 2}} {
		if err := Write(run.w, run.rows, run.seed); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.HasPrefix(long.Bytes(), short.Bytes()) {
		t.Error("100 rows are not a prefix of 200 rows of the same seed")
	}
	if bytes.Equal(short.Bytes(), other.Bytes()) {
		t.Error("seeds 1 and 2 give the same table")
	}
	// Golden: the hash of the first 100 rows of seed 1, as this test prints it
	// when it fails. It changes only if the simulation is changed on purpose.
	const want = "8f48d3a8c1a817a0311bef8b9cbadfd077f12bf78519cc8a4f29c7485c8972d7"
	if got := fmt.Sprintf("%x", sha256.Sum256(short.Bytes())); got != want {
		t.Errorf("sha256 of the first 100 rows = %s, want %s", got, want)
	}
}

func TestWriteRefusesNegativeRows(t *testing.T) {
	if err := Write(io.Discard, -1, 1); err == nil || !strings.Contains(err.Error(), "rows=-1") {
		t.Errorf("err = %v, want one that names rows=-1", err)
	}
}

func TestWriteOfNoRowsIsAHeader(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, 0, 1); err != nil || b.String() != header+"\n" {
		t.Errorf("got %q, %v; want the header alone", b.String(), err)
	}
}

// full is a disk with room for so many bytes.
type full struct{ room int }

var errFull = errors.New("no space left")

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteReportsAFullDisk(t *testing.T) {
	for _, room := range []int{0, 1 << 16, 1 << 18} { // at the flush, in the first buffer, later
		if err := Write(&full{room}, 5_000, 1); !errors.Is(err, errFull) {
			t.Errorf("room=%d: err = %v, want %v", room, err, errFull)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	for b.Loop() {
		if err := Write(io.Discard, Rows, 1); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(Rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
