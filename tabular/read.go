package tabular

import (
	"context"
	"errors"
	"fmt"
)

// chunkRows is the number of rows that Read hands over at a time, the last
// chunk aside.
const chunkRows = 8192

// Sink takes the rows that Read delivers: columns[j] holds the codes of learned
// column j, and all have the same length. The slices are the reader's and are
// reused after Append returns.
type Sink interface {
	Append(columns [][]uint32) error
}

// Discard is a Sink that keeps nothing: reading into it checks a table.
var Discard Sink = discard{}

type discard struct{}

func (discard) Append([][]uint32) error { return nil }

// ErrNoRows is wrapped by the error of a table without rows.
var ErrNoRows = errors.New("no rows")

// Read streams the table at path into sink and counts its rows. Memory does not
// grow with the file. What the file does wrong is a *DataError; an error of the
// sink or of ctx comes back wrapped.
func Read(ctx context.Context, path string, c *Codec, sink Sink) (rows int, err error) {
	f, format, err := open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	b := newBatch(ctx, c, sink)
	if format == formatParquet {
		err = readParquet(f, path, b)
	} else {
		err = readCSV(f, path, format == formatGzip, b)
	}
	if err == nil && b.total == 0 {
		err = &DataError{File: path, Reason: "a header without rows: want at least one row", cause: ErrNoRows}
	}
	return b.total, err
}

// Header reads the column names of the table at path, in the order of the file.
func Header(path string) ([]string, error) {
	f, format, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if format == formatParquet {
		return headerParquet(f, path)
	}
	t, err := openCSV(f, path, format == formatGzip)
	if err != nil {
		return nil, err
	}
	return t.header, nil
}

// batch collects rows for a sink.
type batch struct {
	ctx     context.Context
	codec   *Codec
	sink    Sink
	buffer  [][]uint32 // [J][chunkRows]
	columns [][]uint32 // what the sink is handed
	rows    int        // in the buffer
	total   int        // handed over
}

func newBatch(ctx context.Context, c *Codec, sink Sink) *batch {
	b := &batch{ctx: ctx, codec: c, sink: sink}
	b.buffer = make([][]uint32, len(c.columns))
	b.columns = make([][]uint32, len(c.columns))
	for j := range b.buffer {
		b.buffer[j] = make([]uint32, chunkRows)
	}
	return b
}

// flush hands the buffered rows over.
func (b *batch) flush() error {
	if err := b.ctx.Err(); err != nil {
		return fmt.Errorf("tabular: reading stopped after %d rows: %w", b.total, err)
	}
	if b.rows == 0 {
		return nil
	}
	for j := range b.buffer {
		b.columns[j] = b.buffer[j][:b.rows]
	}
	if err := b.sink.Append(b.columns); err != nil {
		return fmt.Errorf("tabular: rows %d to %d: %w", b.total+1, b.total+b.rows, err)
	}
	b.total += b.rows
	b.rows = 0
	return nil
}

// next moves to the next row of the buffer, and hands over a full one.
func (b *batch) next() error {
	b.rows++
	if b.rows < chunkRows {
		return nil
	}
	return b.flush()
}
