package tabular

import (
	"errors"
	"fmt"
	"os"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// parquetBuffer is what each column reads ahead.
const parquetBuffer = 64 << 10

// openParquet reads the metadata of a Parquet file and its flat header.
func openParquet(f *os.File, path string) (r *file.Reader, header []string, err error) {
	err = guard(path, func() error {
		props := parquet.NewReaderProperties(memory.DefaultAllocator)
		props.BufferedStreamEnabled = true // else whole column chunks are in memory
		props.BufferSize = parquetBuffer
		var err error
		r, err = file.NewParquetReader(f, file.WithReadProps(props))
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	sc := r.MetaData().Schema
	for i := range sc.NumColumns() {
		leaf := sc.Column(i)
		if leaf.MaxRepetitionLevel() > 0 || len(leaf.ColumnPath()) != 1 {
			return nil, nil, &DataError{File: path, Column: leaf.Path(),
				Reason: "a nested or repeated column: flatten the table to one value a cell"}
		}
		header = append(header, trim(leaf.Name()))
	}
	return r, header, nil
}

// guard runs a call into the Parquet library, which panics on some damaged
// files, and explains its failure.
func guard(path string, call func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = damaged(path, fmt.Errorf("%v", p))
		}
	}()
	if err := call(); err != nil {
		return damaged(path, err)
	}
	return nil
}

func damaged(path string, cause error) error {
	return &DataError{File: path, cause: cause,
		Reason: "not a readable Parquet file: fetch or write it again: " + cause.Error()}
}

func headerParquet(f *os.File, path string) ([]string, error) {
	_, header, err := openParquet(f, path)
	return header, err
}

// readParquet streams the rows of a Parquet file, one row group after the other.
func readParquet(f *os.File, path string, b *batch) error {
	r, header, err := openParquet(f, path)
	if err != nil {
		return err
	}
	positions, fault, reason := b.codec.position(header)
	if reason != "" {
		return &DataError{File: path, Column: fault, Reason: reason}
	}
	done := 0
	for g := range r.NumRowGroups() {
		var group *file.RowGroupReader
		if err := guard(path, func() error { group = r.RowGroup(g); return nil }); err != nil {
			return err
		}
		rows := int(group.NumRows())
		if err := readRowGroup(group, path, positions, done, b); err != nil {
			return err
		}
		done += rows
	}
	return b.flush()
}

// readRowGroup hands over the rows of one group; done rows came before it.
func readRowGroup(group *file.RowGroupReader, path string, positions []int, done int, b *batch) error {
	leaves := make([]leaf, len(positions))
	for j, at := range positions {
		var chunk file.ColumnChunkReader
		err := guard(path, func() (err error) {
			chunk, err = group.Column(at)
			return err
		})
		if err != nil {
			return err
		}
		defer chunk.Close()
		if leaves[j], err = newLeaf(chunk, b.codec, j); err != nil {
			return &DataError{File: path, Column: b.codec.columns[j].name, Reason: err.Error()}
		}
	}
	for left := int(group.NumRows()); left > 0; {
		n := min(left, chunkRows-b.rows)
		for j, l := range leaves {
			dst := b.buffer[j][b.rows : b.rows+n]
			var bad *refusal
			err := guard(path, func() (err error) {
				bad, err = l.fill(dst)
				return err
			})
			if err != nil {
				return err
			}
			if bad != nil {
				return &DataError{File: path, Line: done + bad.row + 1, rows: true, Column: b.codec.columns[j].name,
					Value: shorten(bad.cell), value: !bad.null, Reason: bad.reason}
			}
		}
		left -= n
		done += n
		b.rows += n
		if b.rows == chunkRows {
			if err := b.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// A leaf reads one column of a row group as codes.
type leaf interface {
	// fill reads len(dst) rows; the refusal, if any, is the first bad cell.
	fill(dst []uint32) (*refusal, error)
}

// refusal is a cell that is no value of its column.
type refusal struct {
	row    int // within dst
	cell   string
	null   bool
	reason string
}

// errForeign is the reason for a stored type that the declared one cannot take.
func errForeign(column *schema.Column, declared Type) error {
	stored := column.PhysicalType().String()
	if logical := column.LogicalType(); logical != nil && !logical.IsNone() {
		stored = logical.String()
	}
	return fmt.Errorf("stored as %s, which does not fit type: %s: declare another type, or store it as text or a plain number",
		stored, declared)
}

// batchReader is a column chunk of one physical type.
type batchReader[T any] interface {
	ReadBatch(batchSize int64, values []T, defLvls, repLvls []int16) (total int64, valuesRead int, err error)
}

// values is a leaf of one physical type. encode gives the code of a value,
// text its text, which is tried next, since it may be a marker of missing.
type values[T any] struct {
	chunk    batchReader[T]
	nullable bool // in the file
	codec    *Codec
	col      *learnedColumn
	encode   func(T) (uint32, bool)
	text     func(T) string

	buffer []T
	levels []int16
}

var errShort = errors.New("a column ends before the row group does")

func (v *values[T]) fill(dst []uint32) (*refusal, error) {
	if v.buffer == nil {
		v.buffer = make([]T, chunkRows)
		v.levels = make([]int16, chunkRows)
	}
	for at := 0; at < len(dst); {
		total, read, err := v.chunk.ReadBatch(int64(len(dst)-at), v.buffer, v.levels, nil)
		if err != nil {
			return nil, err
		}
		if total <= 0 || int(total) > len(dst)-at || read > int(total) {
			return nil, errShort
		}
		next := 0
		for i := range int(total) {
			if v.nullable && v.levels[i] == 0 {
				if v.col.takesAll {
					dst[at+i] = v.col.absent()
					continue
				}
				if !v.col.nullable {
					return &refusal{row: at + i, null: true, reason: refuseMissing}, nil
				}
				dst[at+i] = v.col.values
				continue
			}
			if next >= read {
				return nil, errShort
			}
			code, ok := v.code(v.buffer[next])
			if !ok {
				cell := v.text(v.buffer[next])
				return &refusal{row: at + i, cell: cell, reason: v.codec.refuse(v.col, trim(cell))}, nil
			}
			dst[at+i] = code
			next++
		}
		at += int(total)
	}
	return nil, nil
}

func (v *values[T]) code(x T) (uint32, bool) {
	if v.encode != nil && !(v.col.takesAll && v.codec.isMissing(trim(v.text(x)))) {
		if code, ok := v.encode(x); ok {
			return code, true
		}
	}
	return v.codec.encode(v.col, trim(v.text(x)))
}
