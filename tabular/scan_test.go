package tabular

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// cells keeps what a scan delivers.
type cells struct {
	numbers [][]float64
	texts   [][]string
	absent  [][]bool
}

func (c *cells) Append(numbers [][]float64, texts [][]string, absent [][]bool) error {
	if c.numbers == nil {
		c.numbers, c.texts, c.absent = make([][]float64, len(numbers)), make([][]string, len(texts)), make([][]bool, len(absent))
	}
	for k := range numbers {
		c.numbers[k] = append(c.numbers[k], numbers[k]...)
		c.texts[k] = append(c.texts[k], texts[k]...)
		c.absent[k] = append(c.absent[k], absent[k]...)
	}
	return nil
}

func TestScanDeliversRawCells(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.csv")
	table := "id,day,name,age\n" +
		"1,1970-01-02, Ann ,30\n" +
		"2,never,?,-1e3\n" +
		"3,,\"a, b\",old\n" +
		"4,2300-01-01,,?\n"
	if err := os.WriteFile(path, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	s := Schema{Missing: []string{"", "?"}, Columns: []Column{
		{Name: "age", Type: Integer}, {Name: "id", Type: ID}, {Name: "name", Type: Categorical}, {Name: "day", Type: Datetime},
	}}
	var got cells
	if err := Scan(t.Context(), path, &s, []int{0, 2, 3}, &got); err != nil {
		t.Fatal(err)
	}
	if want := [][]bool{{false, false, true, true}, {false, true, false, true},
		{false, true, true, false}}; !reflect.DeepEqual(got.absent, want) {
		t.Errorf("absent %v, want %v", got.absent, want)
	}
	if got.numbers[0][0] != 30 || got.numbers[0][1] != -1000 || got.numbers[2][0] != 1 ||
		got.numbers[2][3] != float64(daysFromCivil(2300, 1, 1)) {
		t.Errorf("numbers %v", got.numbers)
	}
	if got.texts[1][0] != "Ann" || got.texts[1][2] != "a, b" || got.texts[0] != nil {
		t.Errorf("texts %q", got.texts)
	}
}

// A table written as Parquet scans as it does as CSV, over several chunks.
func TestScanParquetEqualsCSV(t *testing.T) {
	two := 2
	written := Schema{Columns: []Column{
		{Name: "n", Type: Integer, Bounds: []any{0, 96}, Nullable: true},
		{Name: "x", Type: Real, Bounds: []any{0, 1000}, Precision: &two},
		{Name: "c", Type: Categorical, Values: []string{"a", "b"}, Nullable: true},
		{Name: "b", Type: Boolean},
		{Name: "d", Type: Datetime, Bounds: []any{"2000-01-01", "2020-01-01"}},
	}}
	codec := compile(t, written)
	rows := chunkRows + 100
	columns := make([][]uint32, 5)
	for j := range columns {
		for i := range rows {
			columns[j] = append(columns[j], uint32(i*7919+j)%codec.Size(j))
		}
	}
	asked := written.clone()
	for i := range asked.Columns {
		asked.Columns[i].Bounds, asked.Columns[i].Values, asked.Columns[i].Nullable = nil, nil, false
	}
	var results [2]cells
	for k, name := range []string{"t.csv", "t.parquet"} {
		path := filepath.Join(t.TempDir(), name)
		w, err := NewWriter(path, codec)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(columns); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := Scan(t.Context(), path, &asked, []int{0, 1, 2, 3, 4}, &results[k]); err != nil {
			t.Fatal(err)
		}
	}
	for k := range columns {
		for i := range rows {
			if results[0].absent[k][i] != results[1].absent[k][i] {
				t.Fatalf("column %d, row %d: absent differs", k, i)
			}
			if results[0].absent[k][i] {
				continue
			}
			switch {
			case results[0].texts[k] != nil && results[0].texts[k][i] != results[1].texts[k][i]:
				t.Fatalf("column %d, row %d: %q is not %q", k, i, results[1].texts[k][i], results[0].texts[k][i])
			case results[0].numbers[k] != nil && results[0].numbers[k][i] != results[1].numbers[k][i]:
				t.Fatalf("column %d, row %d: %v is not %v", k, i, results[1].numbers[k][i], results[0].numbers[k][i])
			}
		}
	}
	if !slices.Contains(results[1].absent[0], true) || !slices.Contains(results[1].absent[0], false) {
		t.Error("nothing to compare: no cell is missing, or all are")
	}
}

func TestScanRefusesAnotherTable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.csv")
	if err := os.WriteFile(path, []byte("a,b\n1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := Schema{Columns: []Column{{Name: "a", Type: Integer}}}
	if err := Scan(t.Context(), path, &s, []int{0}, &cells{}); err == nil || !strings.Contains(err.Error(), `"b"`) {
		t.Errorf("an undeclared column was passed over: %v", err)
	}
}
