package eval

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/dpgan/dpgan/tabular"
)

// Table is a table in memory, as codes of its schema: 4 bytes a cell. It is
// immutable once made and safe for concurrent use.
type Table struct {
	codec   *tabular.Codec
	columns [][]uint32 // [J][rows]
	rows    int
}

// ReadTable reads the CSV or Parquet file at path. Ids are left out, because
// nothing is ever learned from them. Its errors name file, line and column.
func ReadTable(ctx context.Context, path string, codec *tabular.Codec) (*Table, error) {
	t := &Table{codec: codec, columns: make([][]uint32, len(codec.Learned()))}
	rows, err := tabular.Read(ctx, path, codec, t)
	if err != nil {
		return nil, err
	}
	t.rows = rows
	return t, nil
}

// NewTable makes a table of codes [J][rows], which it keeps.
func NewTable(codec *tabular.Codec, columns [][]uint32) (*Table, error) {
	if want := len(codec.Learned()); len(columns) != want || want == 0 {
		return nil, fmt.Errorf("eval: columns=%d: want the %d learned columns of the schema", len(columns), want)
	}
	for j, codes := range columns {
		if len(codes) != len(columns[0]) {
			return nil, fmt.Errorf("eval: column %d: rows=%d: want %d as in the first column", j, len(codes), len(columns[0]))
		}
		for i, code := range codes {
			if code >= codec.Size(j) {
				return nil, fmt.Errorf("eval: column %d: row %d: code=%d: want less than %d", j, i, code, codec.Size(j))
			}
		}
	}
	if len(columns[0]) == 0 {
		return nil, errors.New("eval: rows=0: want at least one row")
	}
	return &Table{codec: codec, columns: columns, rows: len(columns[0])}, nil
}

// Append implements tabular.Sink.
func (t *Table) Append(columns [][]uint32) error {
	for j, codes := range columns {
		t.columns[j] = append(t.columns[j], codes...)
	}
	return nil
}

// selectRows is the table of the given rows, in that order.
func (t *Table) selectRows(rows []int) *Table {
	out := &Table{codec: t.codec, columns: make([][]uint32, len(t.columns)), rows: len(rows)}
	for j, codes := range t.columns {
		out.columns[j] = make([]uint32, len(rows))
		for i, row := range rows {
			out.columns[j][i] = codes[row]
		}
	}
	return out
}

// atMost is the table itself, or a sample of limit of its rows without repetition.
func (t *Table) atMost(limit int, random *rand.Rand) *Table {
	if t.rows <= limit {
		return t
	}
	return t.selectRows(random.Perm(t.rows)[:limit])
}

// bootstrap draws rows with replacement, as many as t has.
func (t *Table) bootstrap(seed uint64) *Table {
	random := generator(seed, "bootstrap")
	rows := make([]int, t.rows)
	for i := range rows {
		rows[i] = random.IntN(t.rows)
	}
	return t.selectRows(rows)
}

// independent shuffles every column by itself: it keeps each column's
// distribution and none of what binds columns together.
func (t *Table) independent(seed uint64) *Table {
	random := generator(seed, "independent")
	out := &Table{codec: t.codec, columns: make([][]uint32, len(t.columns)), rows: t.rows}
	for j, codes := range t.columns {
		out.columns[j] = make([]uint32, t.rows)
		for i, from := range random.Perm(t.rows) {
			out.columns[j][i] = codes[from]
		}
	}
	return out
}

// generator is the stream of pseudo-random numbers of one part of the
// evaluation: a part added or left out does not change the others.
func generator(seed uint64, part string) *rand.Rand {
	const prime, offset = 1099511628211, 14695981039346656037 // FNV-1a, 64 bits
	hash := uint64(offset)
	for _, b := range []byte(part) {
		hash = (hash ^ uint64(b)) * prime
	}
	return rand.New(rand.NewPCG(seed, hash))
}
