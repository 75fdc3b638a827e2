package tabular

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// stored is a foreign Parquet column of one row group.
type stored struct {
	name     string
	physical parquet.Type
	logical  schema.LogicalType
	optional bool
	repeated bool
	values   any
	levels   []int16
}

// writeForeign writes columns as another program would.
func writeForeign(t *testing.T, path string, columns ...stored) {
	t.Helper()
	var fields schema.FieldList
	for _, c := range columns {
		repetition := parquet.Repetitions.Required
		if c.optional {
			repetition = parquet.Repetitions.Optional
		}
		if c.repeated {
			repetition = parquet.Repetitions.Repeated
		}
		logical := c.logical
		if logical == nil {
			logical = schema.NoLogicalType{}
		}
		length := -1
		if c.physical == parquet.Types.FixedLenByteArray {
			length = 16
		}
		node, err := schema.NewPrimitiveNodeLogical(c.name, repetition, logical, c.physical, length, -1)
		if err != nil {
			t.Fatal(err)
		}
		fields = append(fields, node)
	}
	root, err := schema.NewGroupNode("foreign", parquet.Repetitions.Required, fields, -1)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := file.NewParquetWriter(&out, root)
	group, err := w.AppendRowGroupChecked()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range columns {
		chunk, err := group.NextColumn()
		if err != nil {
			t.Fatal(err)
		}
		repetitions := []int16(nil)
		if c.repeated {
			repetitions = make([]int16, len(c.levels))
		}
		switch chunk := chunk.(type) {
		case *file.Int32ColumnChunkWriter:
			_, err = chunk.WriteBatch(c.values.([]int32), c.levels, repetitions)
		case *file.Int64ColumnChunkWriter:
			_, err = chunk.WriteBatch(c.values.([]int64), c.levels, repetitions)
		case *file.Float32ColumnChunkWriter:
			_, err = chunk.WriteBatch(c.values.([]float32), c.levels, repetitions)
		case *file.Float64ColumnChunkWriter:
			_, err = chunk.WriteBatch(c.values.([]float64), c.levels, repetitions)
		case *file.BooleanColumnChunkWriter:
			_, err = chunk.WriteBatch(c.values.([]bool), c.levels, repetitions)
		case *file.ByteArrayColumnChunkWriter:
			_, err = chunk.WriteBatch(c.values.([]parquet.ByteArray), c.levels, repetitions)
		case *file.FixedLenByteArrayColumnChunkWriter:
			_, err = chunk.WriteBatch(c.values.([]parquet.FixedLenByteArray), c.levels, repetitions)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := chunk.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(group.Close(), w.Close(), os.WriteFile(path, out.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
}

func byteArrays(values ...string) []parquet.ByteArray {
	var out []parquet.ByteArray
	for _, v := range values {
		out = append(out, parquet.ByteArray(v))
	}
	return out
}
