package tabular

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// mixed is a table of 20 columns of all kinds, as medical tables have them.
func mixed() Schema {
	two := 2
	s := Schema{Missing: []string{"", "NA"}}
	for i := range 4 {
		s.Columns = append(s.Columns,
			Column{Name: fmt.Sprintf("integer%d", i), Type: Integer, Bounds: []any{0, 100000}, Nullable: i%2 == 0},
			Column{Name: fmt.Sprintf("fixed%d", i), Type: Real, Bounds: []any{0, 10000}, Precision: &two, Nullable: i%2 == 0},
			Column{Name: fmt.Sprintf("code%d", i), Type: Categorical, Values: []string{"Private", "Self-emp", "Local-gov", "Never-worked"}},
			Column{Name: fmt.Sprintf("flag%d", i), Type: Boolean},
		)
	}
	return Schema{Missing: s.Missing, Columns: append(s.Columns,
		Column{Name: "day", Type: Datetime, Bounds: []any{"1990-01-01", "2025-12-31"}},
		Column{Name: "real", Type: Real, Bounds: []any{0, 250}},
		Column{Name: "cost", Type: Real, Bounds: []any{0, 1e6}, Scale: Log, Spike: Spikes{0}},
		Column{Name: "id", Type: ID, Format: "P%06d"},
	)}
}

// count is a sink that forgets.
type count struct{ rows int }

func (s *count) Append(columns [][]uint32) error {
	s.rows += len(columns[0])
	return nil
}

func benchmarkRead(b *testing.B, name string, rows int) {
	c := compile(b, mixed())
	path := filepath.Join(b.TempDir(), name)
	w, err := NewWriter(path, c)
	if err != nil {
		b.Fatal(err)
	}
	r := newRand(1)
	for range rows / chunkRows {
		if err := w.Write(randomCodes(r, c, chunkRows)); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		var sink count
		if _, err := Read(context.Background(), path, c, &sink); err != nil {
			b.Fatal(err)
		}
		n += sink.rows
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	b.ReportMetric(float64(mem.Sys)/(1<<20), "MiB-sys")
}

// BenchmarkRead reads a table of 20 columns on as many threads as -cpu says.
func BenchmarkRead(b *testing.B) {
	const rows = 16 * chunkRows
	b.Run("csv", func(b *testing.B) { benchmarkRead(b, "t.csv", rows) })
	b.Run("gzip", func(b *testing.B) { benchmarkRead(b, "t.csv.gz", rows) })
	b.Run("parquet", func(b *testing.B) { benchmarkRead(b, "t.parquet", rows) })
}

// BenchmarkWrite writes rows of 20 columns, without a disk.
func BenchmarkWrite(b *testing.B) {
	c := compile(b, mixed())
	columns := randomCodes(newRand(1), c, chunkRows)
	for name, create := range map[string]func() (*Writer, error){
		"csv": func() (*Writer, error) { return NewStreamWriter(io.Discard, c), nil },
		"parquet": func() (*Writer, error) {
			table, err := newParquetWriter(&bytes.Buffer{}, c)
			return &Writer{codec: c, table: table}, err
		},
	} {
		b.Run(name, func(b *testing.B) {
			w, err := create()
			if err != nil {
				b.Fatal(err)
			}
			n := 0
			for b.Loop() {
				if err := w.Write(columns); err != nil {
					b.Fatal(err)
				}
				n += chunkRows
			}
			if err := w.Close(); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
