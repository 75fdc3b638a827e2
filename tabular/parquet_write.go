package tabular

import (
	"fmt"
	"io"
	"slices"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// rowGroupRows is the size of a row group, which is held as codes until it is
// full: 4 bytes a cell.
const rowGroupRows = 1 << 17

// parquetWriter writes flat columns: whole numbers as INT32 or INT64, reals as
// DOUBLE, listed values as UTF-8 strings, booleans as BOOLEAN, days as DATE,
// times as TIMESTAMP in microseconds without zone. Nullable columns are
// OPTIONAL, and missing is null.
type parquetWriter struct {
	codec  *Codec
	out    *file.Writer
	held   [][]uint32 // [J][≤ rowGroupRows]
	rows   int        // held
	first  int64      // number of the first held row, from 1
	levels []int16
}

func newParquetWriter(out io.Writer, c *Codec) (*parquetWriter, error) {
	var fields schema.FieldList
	learned, ids := 0, 0
	for i := range c.schema.Columns {
		d := &c.schema.Columns[i]
		var node *schema.PrimitiveNode
		var err error
		if d.Type == ID {
			node, err = idNode(d.Name, &c.counters[ids])
			ids++
		} else {
			node, err = learnedNode(d, &c.columns[learned])
			learned++
		}
		if err != nil {
			return nil, fmt.Errorf("tabular: column %q: %w", d.Name, err)
		}
		fields = append(fields, node)
	}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, fields, -1)
	if err != nil {
		return nil, fmt.Errorf("tabular: %w", err)
	}
	props := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Snappy), parquet.WithCreatedBy("dpgan"))
	// The library closes what it can; the file is not its own.
	w, err := file.NewParquetWriterWithError(struct{ io.Writer }{out}, root, file.WithWriterProps(props))
	if err != nil {
		return nil, fmt.Errorf("tabular: %w", err)
	}
	return &parquetWriter{codec: c, out: w, held: make([][]uint32, len(c.columns)), first: 1}, nil
}

func (w *parquetWriter) write(columns [][]uint32, first int64) error {
	for at := 0; at < len(columns[0]); {
		n := min(len(columns[0])-at, rowGroupRows-w.rows)
		for j := range columns {
			w.held[j] = append(w.held[j], columns[j][at:at+n]...)
		}
		at += n
		if w.rows += n; w.rows == rowGroupRows {
			if err := w.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// flush writes the held rows as a row group, column after column.
func (w *parquetWriter) flush() error {
	if w.rows == 0 {
		return nil
	}
	group, err := w.out.AppendRowGroupChecked()
	if err != nil {
		return err
	}
	learned, ids := 0, 0
	for i := range w.codec.schema.Columns {
		chunk, err := group.NextColumn()
		if err != nil {
			return err
		}
		if w.codec.schema.Columns[i].Type == ID {
			err = w.writeIDs(chunk, &w.codec.counters[ids])
			ids++
		} else {
			err = w.writeColumn(chunk, learned)
			learned++
		}
		if err != nil {
			return err
		}
		if err := chunk.Close(); err != nil {
			return err
		}
	}
	if err := group.Close(); err != nil {
		return err
	}
	w.first += int64(w.rows)
	w.rows = 0
	for j := range w.held {
		w.held[j] = w.held[j][:0]
	}
	return nil
}

func (w *parquetWriter) close() error {
	if err := w.flush(); err != nil {
		return err
	}
	return w.out.Close()
}

// writeIDs writes the ids of the held rows.
func (w *parquetWriter) writeIDs(chunk file.ColumnChunkWriter, c *counter) error {
	for at := 0; at < w.rows; at += chunkRows {
		n := min(chunkRows, w.rows-at)
		var err error
		switch chunk := chunk.(type) {
		case *file.Int64ColumnChunkWriter:
			ids := make([]int64, n)
			for i := range ids {
				ids[i] = w.first + int64(at+i)
			}
			_, err = chunk.WriteBatch(ids, nil, nil)
		case *file.ByteArrayColumnChunkWriter:
			ids := make([]parquet.ByteArray, n)
			for i := range ids {
				ids[i] = c.append(nil, w.first+int64(at+i))
			}
			_, err = chunk.WriteBatch(ids, nil, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// writeColumn writes the held codes of learned column j.
func (w *parquetWriter) writeColumn(chunk file.ColumnChunkWriter, j int) error {
	col := &w.codec.columns[j]
	codes := w.held[j]
	switch chunk := chunk.(type) {
	case *file.Int32ColumnChunkWriter:
		scale := 1.0
		if isDate(col) {
			scale = secondsPerDay
		}
		return writeValues(w, chunk, col, codes, func(code uint32) int32 { return int32(col.coder.value(code) / scale) })
	case *file.Int64ColumnChunkWriter:
		scale := int64(1)
		if _, times := col.coder.(*calendar); times {
			scale = 1e6
		}
		return writeValues(w, chunk, col, codes, func(code uint32) int64 { return int64(col.coder.value(code)) * scale })
	case *file.Float64ColumnChunkWriter:
		return writeValues(w, chunk, col, codes, col.coder.value)
	case *file.BooleanColumnChunkWriter:
		return writeValues(w, chunk, col, codes, func(code uint32) bool { return code == 1 })
	case *file.ByteArrayColumnChunkWriter:
		var text []parquet.ByteArray
		for code := range col.values {
			text = append(text, col.coder.append(nil, code))
		}
		return writeValues(w, chunk, col, codes, func(code uint32) parquet.ByteArray { return text[code] })
	}
	return fmt.Errorf("column %q: no writer for %T", col.name, chunk)
}

// writeValues writes codes as values, those of missing as nulls.
func writeValues[T any](w *parquetWriter, chunk interface {
	WriteBatch(values []T, defLevels, repLevels []int16) (int64, error)
}, col *learnedColumn, codes []uint32, value func(uint32) T) error {
	buffer := make([]T, 0, chunkRows)
	for part := range slices.Chunk(codes, chunkRows) {
		buffer, w.levels = buffer[:0], w.levels[:0]
		for _, code := range part {
			if code >= col.values {
				w.levels = append(w.levels, 0)
				continue
			}
			w.levels = append(w.levels, 1)
			buffer = append(buffer, value(code))
		}
		levels := w.levels
		if !col.nullable {
			levels = nil
		}
		if _, err := chunk.WriteBatch(buffer, levels, nil); err != nil {
			return err
		}
	}
	return nil
}
