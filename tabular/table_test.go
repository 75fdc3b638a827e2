package tabular

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// collect is a sink that keeps everything.
type collect struct{ columns [][]uint32 }

func (s *collect) Append(columns [][]uint32) error {
	if s.columns == nil {
		s.columns = make([][]uint32, len(columns))
	}
	for j := range columns {
		s.columns[j] = append(s.columns[j], columns[j]...)
	}
	return nil
}

func readAll(t testing.TB, path string, c *Codec) [][]uint32 {
	t.Helper()
	var sink collect
	rows, err := Read(context.Background(), path, c, &sink)
	if err != nil {
		t.Fatal(err)
	}
	if rows != len(sink.columns[0]) {
		t.Fatalf("%d rows reported, %d delivered", rows, len(sink.columns[0]))
	}
	return sink.columns
}

func writeAll(t testing.TB, path string, c *Codec, columns [][]uint32) {
	t.Helper()
	w, err := NewWriter(path, c)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	n := len(columns[0])
	for at := 0; at < n; at += n/3 + 1 {
		part := make([][]uint32, len(columns))
		for j := range part {
			part[j] = columns[j][at:min(n, at+n/3+1)]
		}
		if err := w.Write(part); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// What is written is read back, code for code, in all three formats.
func TestFilesRoundTrip(t *testing.T) {
	r := newRand(5)
	dir := t.TempDir()
	for n := range 60 {
		c := compile(t, randomSchema(r))
		columns := randomCodes(r, c, 1+r.IntN(300))
		for _, name := range []string{"t.csv", "t.csv.gz", "T.PARQUET"} {
			path := filepath.Join(dir, name)
			writeAll(t, path, c, columns)
			if got := readAll(t, path, c); !reflect.DeepEqual(got, columns) {
				t.Fatalf("schema %d: %s: other codes come back: %+v", n, name, c.Schema())
			}
			header, err := Header(path)
			if err != nil {
				t.Fatal(err)
			}
			for i, d := range c.Schema().Columns {
				if header[i] != d.Name {
					t.Fatalf("%s: header %q, want %q", name, header[i], d.Name)
				}
			}
		}
	}
}

// Tables longer than a chunk and than a row group keep their order.
func TestLongTables(t *testing.T) {
	s := Schema{Columns: []Column{
		{Name: "n", Type: Integer, Bounds: []any{0, 1 << 30}},
		{Name: "id", Type: ID, Format: "%07d"},
		{Name: "c", Type: Categorical, Values: []string{"a", "b"}, Nullable: true},
	}}
	c := compile(t, s)
	const rows = rowGroupRows + 2*chunkRows + 17
	columns := [][]uint32{make([]uint32, rows), make([]uint32, rows)}
	for i := range rows {
		columns[0][i], columns[1][i] = uint32(i), uint32(i%3)
	}
	for _, name := range []string{"t.csv", "t.parquet"} {
		path := filepath.Join(t.TempDir(), name)
		writeAll(t, path, c, columns)
		if got := readAll(t, path, c); !reflect.DeepEqual(got, columns) {
			t.Errorf("%s: other codes come back", name)
		}
	}
}

// Go's reader, as any of RFC 4180, sees the cells as AppendCell writes them.
func TestCSVIsRFC4180(t *testing.T) {
	r := newRand(6)
	for range 100 {
		c := compile(t, randomSchema(r))
		columns := randomCodes(r, c, 20)
		var out bytes.Buffer
		w := NewStreamWriter(&out, c)
		if err := errors.Join(w.Write(columns), w.Close()); err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(&out).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(records) != 21 {
			t.Fatalf("%d records, want a header and 20 rows", len(records))
		}
		for j, i := range c.Learned() {
			for n, code := range columns[j] {
				if want := string(c.AppendCell(nil, j, code)); records[n+1][i] != want {
					t.Fatalf("cell %q, want %q", records[n+1][i], want)
				}
			}
		}
	}
}

func TestCSVText(t *testing.T) {
	two := 2
	s := Schema{Missing: []string{"", "NA"}, Columns: []Column{
		{Name: "ID", Type: ID, Format: "P%03d"},
		{Name: "age", Type: Integer, Bounds: []any{18, 99}},
		{Name: "cost, net", Type: Real, Bounds: []any{-1, 1}, Precision: &two, Nullable: true},
		{Name: "note", Type: Categorical, Values: []string{`5" pipe`, "a,b"}},
		{Name: "day", Type: Datetime, Bounds: []any{"2020-01-01", "2021-01-01"}},
	}}
	c := compile(t, s)
	var out strings.Builder
	w := NewStreamWriter(&out, c)
	if err := w.Write([][]uint32{{0, 81}, {99, 201}, {0, 1}, {0, 59}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := "\"ID\",age,\"cost, net\",note,day\nP001,18,-0.01,\"5\"\" pipe\",2020-01-01\nP002,99,,\"a,b\",2020-02-29\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

// Dialects that the reader takes: byte order mark, CRLF, spaces around cells
// and quotes, columns in another order, no newline at the end, blank lines.
func TestCSVDialects(t *testing.T) {
	c := compile(t, Schema{Missing: []string{"?"}, Columns: []Column{
		{Name: "a", Type: Integer, Bounds: []any{0, 9}, Nullable: true},
		{Name: "b", Type: Categorical, Values: []string{"x y", "z"}},
	}})
	want := [][]uint32{{1, 10}, {0, 1}}
	for _, text := range []string{
		"a,b\n1,x y\n?,z\n",
		"\uFEFFa,b\r\n1,x y\r\n?,z\r\n",
		"\uFEFF\"a\",\"b\"\n1,\"x y\"\n?,z",
		"b, a\nx y, 1\nz, ?\n",
		" a , b \n 1 , \"x y\"\n\n?\t, z \n\n",
	} {
		path := filepath.Join(t.TempDir(), "t.csv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := readAll(t, path, c); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: codes %v, want %v", text, got, want)
		}
	}
}

// Nothing is written but a header if there are no rows.
func TestEmptyTable(t *testing.T) {
	c := compile(t, Schema{Columns: []Column{{Name: "a", Type: Boolean}}})
	var out strings.Builder
	w := NewStreamWriter(&out, c)
	if err := errors.Join(w.Write([][]uint32{{}}), w.Close()); err != nil || out.String() != "a\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
	path := filepath.Join(t.TempDir(), "t.parquet")
	writeAll(t, path, c, [][]uint32{{}})
	if _, err := Read(context.Background(), path, c, &collect{}); err == nil {
		t.Error("a Parquet file without rows is read")
	}
}
