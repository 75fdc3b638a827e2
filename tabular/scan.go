package tabular

import (
	"context"
	"errors"
	"math"
	"slices"
)

// CellSink takes raw cells, a chunk of rows at a time. Column k is the k-th that
// was scanned. numbers[k] are the values of a column of numbers, or the days
// since 1970 of one of dates, texts[k] the cells of any other; the other of the
// two is nil. absent[k][i] tells that cell i is missing or no value at all. The
// slices are reused after Append returns; the strings may be kept.
type CellSink interface {
	Append(numbers [][]float64, texts [][]string, absent [][]bool) error
}

// Scan streams the cells of some columns of the table at path into sink. It
// needs no bounds and no values, and refuses no cell. columns are indices into
// s.Columns.
func Scan(ctx context.Context, path string, s *Schema, columns []int, sink CellSink) error {
	codec := &Codec{schema: s.clone(), learned: columns, missing: s.Missing}
	if len(codec.missing) == 0 {
		codec.missing = []string{""}
	}
	scan := &scanSink{sink: sink, numbers: make([][]float64, len(columns)), texts: make([][]string, len(columns)),
		absent: make([][]bool, len(columns))}
	for k, i := range columns {
		col, err := scanColumn(&codec.schema.Columns[i])
		if err != nil {
			return err
		}
		codec.columns = append(codec.columns, col)
		scan.absent[k] = make([]bool, chunkRows)
		r, _ := col.coder.(*recorder)
		scan.recorders = append(scan.recorders, r)
		if c := &codec.schema.Columns[i]; c.hasBounds() {
			scan.numbers[k] = make([]float64, chunkRows)
		} else {
			scan.texts[k] = make([]string, chunkRows)
		}
	}
	_, err := Read(ctx, path, codec, scan)
	return err
}

// scanColumn reads dates as days of a calendar of all years, and everything
// else as text.
func scanColumn(d *Column) (learnedColumn, error) {
	if d.Type != Datetime {
		return learnedColumn{name: d.Name, coder: &recorder{}, values: chunkRows, nullable: true, takesAll: true}, nil
	}
	format := d.Format
	if format == "" {
		format = defaultDatetime
	}
	layout, _, err := newLayout(format)
	if err != nil {
		return learnedColumn{}, errors.New("tabular: column " + d.Name + ": " + err.Error())
	}
	all := &calendar{layout: layout, unit: secondsPerDay, lo: int64(daysFromCivil(1, 1, 1)), hi: int64(daysFromCivil(9999, 12, 31))}
	return learnedColumn{name: d.Name, coder: all, values: uint32(all.size()), nullable: true, takesAll: true}, nil
}

// recorder is a coder that keeps the cells of a chunk: code k is the k-th.
type recorder struct{ cells []string }

func (r *recorder) size() uint64 { return chunkRows }

func (r *recorder) encode(cell string) (uint32, bool) {
	r.cells = append(r.cells, cell)
	return uint32(len(r.cells) - 1), true
}

func (r *recorder) append(dst []byte, code uint32) []byte { return append(dst, r.cells[code]...) }
func (r *recorder) value(uint32) float64                  { return math.NaN() }
func (r *recorder) refuse(string) string                  { return "" } // refuses nothing

// scanSink turns codes back into the cells they stand for.
type scanSink struct {
	sink      CellSink
	recorders []*recorder // nil for dates
	numbers   [][]float64
	texts     [][]string
	absent    [][]bool
}

func (s *scanSink) Append(columns [][]uint32) error {
	rows := len(columns[0])
	numbers, texts, absent := slices.Clone(s.numbers), slices.Clone(s.texts), slices.Clone(s.absent)
	first := daysFromCivil(1, 1, 1)
	for k, codes := range columns {
		absent[k] = absent[k][:rows]
		if texts[k] != nil {
			texts[k] = texts[k][:rows]
		} else {
			numbers[k] = numbers[k][:rows]
		}
		for i, code := range codes {
			switch r := s.recorders[k]; {
			case r == nil:
				numbers[k][i], absent[k][i] = float64(int(code)+first), code > uint32(daysFromCivil(9999, 12, 31)-first)
			case code >= chunkRows:
				absent[k][i] = true
			case texts[k] != nil:
				texts[k][i] = r.cells[code]
				absent[k][i] = checkText(texts[k][i]) != ""
			default:
				v, ok := parseFloat(r.cells[code])
				numbers[k][i], absent[k][i] = v, !ok
			}
		}
		if r := s.recorders[k]; r != nil {
			r.cells = r.cells[:0]
		}
	}
	return s.sink.Append(numbers, texts, absent)
}
