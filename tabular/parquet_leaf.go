package tabular

import (
	"strconv"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// newLeaf chooses how the stored type becomes codes of learned column j.
func newLeaf(chunk file.ColumnChunkReader, c *Codec, j int) (leaf, error) {
	col := &c.columns[j]
	declared := c.schema.Columns[c.learned[j]].Type
	stored := chunk.Descriptor()
	nullable := stored.MaxDefinitionLevel() > 0
	number, _ := col.coder.(numberCoder)
	cal, _ := col.coder.(*calendar)
	switch chunk := chunk.(type) {
	case *file.Int32ColumnChunkReader:
		v := &values[int32]{chunk: chunk, nullable: nullable, codec: c, col: col}
		switch logical := stored.LogicalType().(type) {
		case schema.DateLogicalType:
			if cal == nil {
				return nil, errForeign(stored, declared)
			}
			v.encode = func(x int32) (uint32, bool) { return cal.encodeSeconds(int64(x) * secondsPerDay) }
			v.text = func(x int32) string { return cal.text(int64(x) * secondsPerDay) }
			return v, nil
		case schema.IntLogicalType:
			if !logical.IsSigned() {
				v.encode, v.text = integers(number, func(x int32) int64 { return int64(uint32(x)) })
				return plainNumber(v, stored, cal, declared)
			}
		case schema.NoLogicalType, schema.UnknownLogicalType, nil:
		default:
			return nil, errForeign(stored, declared)
		}
		v.encode, v.text = integers(number, func(x int32) int64 { return int64(x) })
		return plainNumber(v, stored, cal, declared)
	case *file.Int64ColumnChunkReader:
		v := &values[int64]{chunk: chunk, nullable: nullable, codec: c, col: col}
		switch logical := stored.LogicalType().(type) {
		case schema.TimestampLogicalType:
			perSecond, ok := ticks(logical.TimeUnit())
			if cal == nil || !ok {
				return nil, errForeign(stored, declared)
			}
			v.encode = func(x int64) (uint32, bool) { return cal.encodeSeconds(floorDiv(x, perSecond)) }
			v.text = func(x int64) string { return cal.text(floorDiv(x, perSecond)) }
			return v, nil
		case schema.IntLogicalType, schema.NoLogicalType, schema.UnknownLogicalType, nil:
		default:
			return nil, errForeign(stored, declared)
		}
		v.encode, v.text = integers(number, func(x int64) int64 { return x })
		return plainNumber(v, stored, cal, declared)
	case *file.Float64ColumnChunkReader:
		v := &values[float64]{chunk: chunk, nullable: nullable, codec: c, col: col}
		v.text = func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
		if number != nil {
			v.encode = number.encodeFloat
		}
		return plainNumber(v, stored, cal, declared)
	case *file.Float32ColumnChunkReader:
		// By way of the text, so that 0.1 is 0.1 and not 0.100000001.
		v := &values[float32]{chunk: chunk, nullable: nullable, codec: c, col: col}
		v.text = func(x float32) string { return strconv.FormatFloat(float64(x), 'f', -1, 32) }
		return plainNumber(v, stored, cal, declared)
	case *file.BooleanColumnChunkReader:
		if declared != Boolean && declared != Categorical && declared != Ordinal {
			return nil, errForeign(stored, declared)
		}
		v := &values[bool]{chunk: chunk, nullable: nullable, codec: c, col: col, text: strconv.FormatBool}
		if _, listed := col.coder.(*levels); listed && declared == Boolean {
			v.encode = func(x bool) (uint32, bool) {
				if x {
					return 1, true
				}
				return 0, true
			}
		}
		return v, nil
	case *file.ByteArrayColumnChunkReader:
		if _, decimal := stored.LogicalType().(schema.DecimalLogicalType); decimal {
			return nil, errForeign(stored, declared)
		}
		return &values[parquet.ByteArray]{chunk: chunk, nullable: nullable, codec: c, col: col,
			text: func(x parquet.ByteArray) string { return string(x) }}, nil
	}
	return nil, errForeign(stored, declared)
}

// plainNumber is v, unless dates are declared, which numbers do not tell.
func plainNumber(v leaf, stored *schema.Column, cal *calendar, declared Type) (leaf, error) {
	if cal != nil {
		return nil, errForeign(stored, declared)
	}
	return v, nil
}

// integers are the encoder and the text of whole numbers.
func integers[T any](number numberCoder, widen func(T) int64) (func(T) (uint32, bool), func(T) string) {
	text := func(x T) string { return strconv.FormatInt(widen(x), 10) }
	if number == nil {
		return nil, text
	}
	return func(x T) (uint32, bool) { return number.encodeInt(widen(x)) }, text
}

// ticks is how many units of a timestamp are a second.
func ticks(unit schema.TimeUnitType) (int64, bool) {
	switch unit {
	case schema.TimeUnitMillis:
		return 1e3, true
	case schema.TimeUnitMicros:
		return 1e6, true
	case schema.TimeUnitNanos:
		return 1e9, true
	}
	return 0, false
}
