package tabular

import (
	"errors"
	"fmt"
	"io"

	"github.com/dpgan/dpgan/internal/atomicfile"
)

// Writer writes codes as a table: the declared columns in the declared order,
// ids counted from 1. Use: NewWriter or NewStreamWriter, Write any number of
// times, then Close, or Abort to leave nothing behind.
type Writer struct {
	codec  *Codec
	table  tableWriter
	file   *atomicfile.File // nil for a stream
	rows   int64
	failed error // the first error, after which there is no way on
	closed bool
}

// tableWriter is one file format. Codes are checked before they get here.
type tableWriter interface {
	// write takes columns[j][i], codes of learned column j; first is the number
	// of the first row, from 1.
	write(columns [][]uint32, first int64) error
	close() error
}

// NewWriter creates the table path, a .csv, .csv.gz or .parquet by its name.
// The file appears under its name, whole and synced to disk, when Close
// succeeds; an older file of that name stays until then.
func NewWriter(path string, c *Codec) (*Writer, error) {
	format, known := formatOf(path)
	if !known {
		return nil, fmt.Errorf("tabular: %s: unknown kind of file: %s", path, wantedNames)
	}
	f, err := atomicfile.Create(path)
	if err != nil {
		return nil, fmt.Errorf("tabular: %w", err)
	}
	w := &Writer{codec: c, file: f}
	switch format {
	case formatParquet:
		w.table, err = newParquetWriter(f, c)
	case formatGzip:
		w.table = newGzipWriter(f, c)
	default:
		w.table = newCSVWriter(f, c)
	}
	if err != nil {
		return nil, errors.Join(err, w.Abort())
	}
	return w, nil
}

// NewStreamWriter writes CSV to out, such as standard output. Close flushes but
// does not close out.
func NewStreamWriter(out io.Writer, c *Codec) *Writer {
	return &Writer{codec: c, table: newCSVWriter(out, c)}
}

// Write appends rows: columns[j] holds the codes of learned column j, all of
// the same length and below Size(j). The slices are not kept.
func (w *Writer) Write(columns [][]uint32) error {
	if w.closed {
		return errors.New("tabular: Write after Close or Abort")
	}
	if w.failed != nil {
		return w.failed
	}
	if err := w.codec.checkColumns(columns); err != nil {
		return err
	}
	if len(columns[0]) == 0 {
		return nil
	}
	if err := w.table.write(columns, w.rows+1); err != nil {
		w.failed = fmt.Errorf("tabular: writing: %w", err)
		return w.failed
	}
	w.rows += int64(len(columns[0]))
	return nil
}

// Close finishes the table and puts the file in its place. After a failed Write
// it removes the file instead. A second Close does nothing.
func (w *Writer) Close() error {
	if w.closed {
		return nil
	}
	err := w.failed
	if err == nil {
		if err = w.table.close(); err != nil {
			err = fmt.Errorf("tabular: writing: %w", err)
		}
	}
	if err != nil {
		return errors.Join(err, w.Abort())
	}
	w.closed = true
	if w.file == nil {
		return nil
	}
	if err := w.file.Commit(); err != nil {
		return fmt.Errorf("tabular: %w", err)
	}
	return nil
}

// Abort removes the unfinished file. After Close it does nothing, so it may be
// deferred.
func (w *Writer) Abort() error {
	if w.closed {
		return nil
	}
	w.closed = true
	if w.file == nil {
		return nil
	}
	return w.file.Discard()
}

// checkColumns refuses codes that are none, before they reach a table.
func (c *Codec) checkColumns(columns [][]uint32) error {
	if len(columns) != len(c.columns) {
		return fmt.Errorf("tabular: columns=%d: want the %d learned columns", len(columns), len(c.columns))
	}
	for j, codes := range columns {
		col := &c.columns[j]
		if len(codes) != len(columns[0]) {
			return fmt.Errorf("tabular: column %q: rows=%d: want %d as in the first column", col.name, len(codes), len(columns[0]))
		}
		size := col.size()
		for i, code := range codes {
			if code >= size {
				return fmt.Errorf("tabular: column %q: row %d: code=%d: want less than %d", col.name, i, code, size)
			}
		}
	}
	return nil
}
