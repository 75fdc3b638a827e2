package gantest

import (
	"iter"
	"testing"
)

// Collect puts blocks of rows, each as one slice of codes a column, one behind the other.
func Collect(t testing.TB, blocks iter.Seq2[[][]uint32, error]) (rows [][]uint32) {
	t.Helper()
	for columns, err := range blocks {
		if err != nil {
			t.Fatal(err)
		}
		if rows == nil {
			rows = make([][]uint32, len(columns))
		}
		for j := range rows {
			rows[j] = append(rows[j], columns[j]...)
		}
	}
	return rows
}
