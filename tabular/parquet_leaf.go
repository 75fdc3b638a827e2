package tabular

import (
	"strconv"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// newLeaf chooses how the stored type becomes codes of learned column j.
func newLeaf(chunk file.ColumnChunkReader, c *Codec, j int) (leaf, error) {
	p := newLeafPlan(chunk.Descriptor(), c, j)
	switch chunk := chunk.(type) {
	case *file.Int32ColumnChunkReader:
		return p.int32Leaf(chunk)
	case *file.Int64ColumnChunkReader:
		return p.int64Leaf(chunk)
	case *file.Float64ColumnChunkReader:
		v := newValues[float64](p, chunk)
		v.text = func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
		if p.number != nil {
			v.encode = p.number.encodeFloat
		}
		return p.plainNumber(v)
	case *file.Float32ColumnChunkReader:
		// By way of the text, so that 0.1 is 0.1 and not 0.100000001.
		v := newValues[float32](p, chunk)
		v.text = func(x float32) string { return strconv.FormatFloat(float64(x), 'f', -1, 32) }
		return p.plainNumber(v)
	case *file.BooleanColumnChunkReader:
		return p.booleanLeaf(chunk)
	case *file.ByteArrayColumnChunkReader:
		if _, decimal := p.stored.LogicalType().(schema.DecimalLogicalType); decimal {
			return nil, p.foreign()
		}
		v := newValues[parquet.ByteArray](p, chunk)
		v.text = func(x parquet.ByteArray) string { return string(x) }
		return v, nil
	}
	return nil, p.foreign()
}

// leafPlan is what a stored column and the declared one say of each other.
type leafPlan struct {
	stored   *schema.Column
	declared Type
	codec    *Codec
	col      *learnedColumn
	number   numberCoder // nil if the column's coder takes none
	calendar *calendar   // nil if the column holds no dates
}

func newLeafPlan(stored *schema.Column, c *Codec, j int) *leafPlan {
	p := &leafPlan{stored: stored, declared: c.schema.Columns[c.learned[j]].Type, codec: c, col: &c.columns[j]}
	p.number, _ = p.col.coder.(numberCoder)
	p.calendar, _ = p.col.coder.(*calendar)
	return p
}

// foreign is the error of a stored type that is not the declared one.
func (p *leafPlan) foreign() error { return errForeign(p.stored, p.declared) }

// newValues is a leaf but for what its values mean.
func newValues[T any](p *leafPlan, chunk batchReader[T]) *values[T] {
	return &values[T]{chunk: chunk, nullable: p.stored.MaxDefinitionLevel() > 0, codec: p.codec, col: p.col}
}

// int32Leaf is of days, or of whole numbers with or without sign.
func (p *leafPlan) int32Leaf(chunk *file.Int32ColumnChunkReader) (leaf, error) {
	v := newValues[int32](p, chunk)
	widen := func(x int32) int64 { return int64(x) }
	switch logical := p.stored.LogicalType().(type) {
	case schema.DateLogicalType:
		if p.calendar == nil {
			return nil, p.foreign()
		}
		v.encode = func(x int32) (uint32, bool) { return p.calendar.encodeSeconds(int64(x) * secondsPerDay) }
		v.text = func(x int32) string { return p.calendar.text(int64(x) * secondsPerDay) }
		return v, nil
	case schema.IntLogicalType:
		if !logical.IsSigned() {
			widen = func(x int32) int64 { return int64(uint32(x)) }
		}
	case schema.NoLogicalType, schema.UnknownLogicalType, nil:
	default:
		return nil, p.foreign()
	}
	v.encode, v.text = integers(p.number, widen)
	return p.plainNumber(v)
}

// int64Leaf is of times, or of whole numbers.
func (p *leafPlan) int64Leaf(chunk *file.Int64ColumnChunkReader) (leaf, error) {
	v := newValues[int64](p, chunk)
	switch logical := p.stored.LogicalType().(type) {
	case schema.TimestampLogicalType:
		perSecond, ok := ticks(logical.TimeUnit())
		if p.calendar == nil || !ok {
			return nil, p.foreign()
		}
		v.encode = func(x int64) (uint32, bool) { return p.calendar.encodeSeconds(floorDiv(x, perSecond)) }
		v.text = func(x int64) string { return p.calendar.text(floorDiv(x, perSecond)) }
		return v, nil
	case schema.IntLogicalType, schema.NoLogicalType, schema.UnknownLogicalType, nil:
	default:
		return nil, p.foreign()
	}
	v.encode, v.text = integers(p.number, func(x int64) int64 { return x })
	return p.plainNumber(v)
}

// booleanLeaf is of false and true, which a column of listed values may declare too.
func (p *leafPlan) booleanLeaf(chunk *file.BooleanColumnChunkReader) (leaf, error) {
	if p.declared != Boolean && p.declared != Categorical && p.declared != Ordinal {
		return nil, p.foreign()
	}
	v := newValues[bool](p, chunk)
	v.text = strconv.FormatBool
	if _, listed := p.col.coder.(*levels); listed && p.declared == Boolean {
		v.encode = func(x bool) (uint32, bool) {
			if x {
				return 1, true
			}
			return 0, true
		}
	}
	return v, nil
}

// plainNumber is v, unless dates are declared, which numbers do not tell.
func (p *leafPlan) plainNumber(v leaf) (leaf, error) {
	if p.calendar != nil {
		return nil, p.foreign()
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
