package tabular

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// sample is the schema that the broken files of this test should have held.
func sample() Schema {
	two := 2
	return Schema{Missing: []string{"NA"}, Columns: []Column{
		{Name: "id", Type: ID},
		{Name: "age", Type: Integer, Bounds: []any{18, 99}},
		{Name: "cost", Type: Real, Bounds: []any{0, 100}, Precision: &two, Nullable: true},
		{Name: "sex", Type: Categorical, Values: []string{"female", "male"}},
	}}
}

func zipped(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestReadErrors(t *testing.T) {
	const head = "id,age,cost,sex\n"
	long := zipped(t, head+strings.Repeat("1,20,1.50,male\n", 5000))
	for _, test := range []struct {
		name, text string
		line       int
		column     string
		value      string
		reason     string
	}{
		{"empty.csv", "", 0, "", "", "an empty file"},
		{"blank.csv", "\n\n", 0, "", "", "no header"},
		{"bom.csv", "\uFEFF", 0, "", "", "no header"},
		{"header.csv", head, 0, "", "", "a header without rows"},
		{"kind.txt", head, 0, "", "", "unknown kind of file"},
		{"sheet.csv", "PK\x03\x04rest", 0, "", "", "spreadsheet"},
		{"wide.csv", "\xff\xfei\x00d\x00", 0, "", "", "UTF-16"},
		{"binary.csv", "\x7fELF\x00\x00\x01", 0, "", "", "binary data"},
		{"plain.csv.gz", head, 0, "", "", "holds plain text"},
		{"zipped.csv", long, 0, "", "", "holds gzip"},
		{"plain.parquet", head, 0, "", "", "holds plain text"},
		{"parquet.csv", "PAR1....", 0, "", "", "holds Parquet"},
		{"damaged.parquet", "PAR1....PAR1", 0, "", "", "not a readable Parquet file"},
		{"short.parquet", "PAR1", 0, "", "", "not a readable Parquet file"},
		{"cut.csv.gz", long[:len(long)/2], 0, "", "", "truncated"},
		{"checksum.csv.gz", long[:len(long)-8] + "\x00\x00\x00\x00" + long[len(long)-4:], 0, "", "", "damaged"},
		{"gzip.csv.gz", "\x1f\x8brubbish, not a header", 0, "", "", "damaged"},
		{"missing.csv", "id,agee,cost,sex\n", 1, "age", "", `nearest: "agee"`},
		{"case.csv", "id,Age,cost,sex\n", 1, "age", "", `nearest: "Age"`},
		{"extra.csv", "id,age,cost,sex,zip\n1,20,1,male,8001\n", 1, "zip", "", "not declared: declare it"},
		{"twice.csv", "id,age,age,cost,sex\n", 1, "age", "", "twice"},
		{"semicolon.csv", "id;age;cost;sex\n1;20;1;male\n", 1, "id;age;cost;sex", "", "by commas"},
		{"latin.csv", "id,age,cost,sex,\xe9t\xe9\n", 1, "", "\xe9t\xe9", "UTF-8"},
		{"short.csv", head + "1,20,1.50\n", 2, "", "", "the row has 3 cells, the header 4"},
		{"long.csv", head + "1,20,1.50,male\n1,20,1,50,male\n", 3, "", "", "the row has 5 cells"},
		{"stray.csv", head + "1,20,1.50,ma\"le\n", 2, "", "", "stray quote"},
		{"open.csv", head + "1,20,1.50,\"male\n1,20,1.50,male\n", 0, "", "", "quote"},
		{"bytes.csv", head + "1,20,1.50,m\xe4nnlich\n", 2, "sex", "m\xe4nnlich", "UTF-8"},
		{"nan.csv", head + "1,20,NaN,male\n", 2, "cost", "NaN", "not a finite number"},
		{"inf.csv", head + "1,20,-Infinity,male\n", 2, "cost", "-Infinity", "not a finite number"},
		{"text.csv", head + "1,twenty,1,male\n", 2, "age", "twenty", "not a number"},
		{"high.csv", head + "1,100,1,male\n", 2, "age", "100", "outside the declared bounds [18, 99]"},
		{"value.csv", head + "1,20,1,malle\n", 2, "sex", "malle", `nearest is "male"`},
		{"null.csv", head + "1,20,1,male\n1,NA,1,male\n", 3, "age", "NA", "declare nullable: true"},
		{"blankcell.csv", head + "1,,1,male\n", 2, "age", "", "empty cell"},
		{"quoted.csv", head + "\"a\nb\",20,1,male\n1,7,1,male\n", 4, "age", "7", "outside"},
		{"verylong.csv", head + "1,20,1," + strings.Repeat("é", 50) + "\n", 2, "sex", strings.Repeat("é", 39) + "…", "not one of the 2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), test.name)
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			s := sample()
			_, err := Read(context.Background(), path, compile(t, s), &collect{})
			var e *DataError
			if !errors.As(err, &e) {
				t.Fatalf("%v, want a *DataError", err)
			}
			if e.File != path || test.line > 0 && e.Line != test.line || e.Column != test.column || e.Value != test.value ||
				!strings.Contains(e.Error(), test.reason) {
				t.Errorf("%v\n%+v, want line %d, column %q, value %q, %q", e, *e, test.line, test.column, test.value, test.reason)
			}
			if strings.Count(e.Error(), "\n") > 0 {
				t.Errorf("%q: more than one line", e.Error())
			}
		})
	}
}

func TestDataErrorText(t *testing.T) {
	for want, e := range map[string]*DataError{
		`tabular: t.csv: an empty file`:                           {File: "t.csv", Reason: "an empty file"},
		`tabular: t.csv:7: column "age": value "x": not a number`: {File: "t.csv", Line: 7, Column: "age", Value: "x", Reason: "not a number"},
		`tabular: t.parquet: row 7: column "age": missing cell`: {File: "t.parquet", Line: 7, rows: true, Column: "age",
			Reason: "missing cell"},
		`tabular: t.csv:2: column "age": value "": empty cell`: {File: "t.csv", Line: 2, Column: "age", value: true, Reason: "empty cell"},
	} {
		if got := e.Error(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestReadNoFile(t *testing.T) {
	dir := t.TempDir()
	c := compile(t, sample())
	_, err := Read(context.Background(), filepath.Join(dir, "none.csv"), c, &collect{})
	var e *DataError
	if !errors.As(err, &e) || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(e.Reason, "no such file") {
		t.Errorf("no file: %v", err)
	}
	if _, err := Header(filepath.Join(dir, "none.csv")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("header of no file: %v", err)
	}
	folder := filepath.Join(dir, "folder.csv")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(context.Background(), folder, c, &collect{}); err == nil || !strings.Contains(err.Error(), "a folder") {
		t.Errorf("a folder: %v", err)
	}
}

// refuseAll is a sink that fails.
type refuseAll struct{ err error }

func (s refuseAll) Append([][]uint32) error { return s.err }

// Errors of the sink and of the context come through, and are no data errors.
func TestReadStops(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.csv")
	if err := os.WriteFile(path, []byte("id,age,cost,sex\n1,20,1,male\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := compile(t, sample())
	full := errors.New("full")
	var e *DataError
	if _, err := Read(context.Background(), path, c, refuseAll{full}); !errors.Is(err, full) || errors.As(err, &e) {
		t.Errorf("sink: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Read(ctx, path, c, &collect{}); !errors.Is(err, context.Canceled) || errors.As(err, &e) {
		t.Errorf("context: %v", err)
	}
}

// A quote that is never closed does not pull the file into memory.
func TestReadBoundsMemory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.csv.gz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewWriterLevel(f, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	_, err = z.Write([]byte("id,age,cost,sex\n1,20,1,\"male\n"))
	block := bytes.Repeat([]byte("1,20,1,male\n"), 1<<16)
	for range 8 * maxRowBytes / len(block) {
		_, e := z.Write(block)
		err = errors.Join(err, e)
	}
	if err := errors.Join(err, z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = Read(context.Background(), path, compile(t, sample()), &collect{})
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), "longer than 16 MiB") {
		t.Errorf("error %v", err)
	}
	// The csv package doubles its record buffer, so all of them sum up to some
	// multiple of the limit, of which the file is eight.
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 8*maxRowBytes {
		t.Errorf("%d MiB allocated", grown>>20)
	}
}
