package tabular

import (
	"math"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// idNode is the stored type of an id column.
func idNode(name string, c *counter) (*schema.PrimitiveNode, error) {
	if c.plain() {
		return schema.NewPrimitiveNode(name, parquet.Repetitions.Required, parquet.Types.Int64, -1, -1)
	}
	return schema.NewPrimitiveNodeLogical(name, parquet.Repetitions.Required, schema.StringLogicalType{},
		parquet.Types.ByteArray, -1, -1)
}

// learnedNode is the stored type of a learned column.
func learnedNode(d *Column, col *learnedColumn) (*schema.PrimitiveNode, error) {
	repetition := parquet.Repetitions.Required
	if d.Nullable {
		repetition = parquet.Repetitions.Optional
	}
	logical := func(l schema.LogicalType, t parquet.Type) (*schema.PrimitiveNode, error) {
		return schema.NewPrimitiveNodeLogical(d.Name, repetition, l, t, -1, -1)
	}
	switch d.Type {
	case Integer:
		if isInt32(col) {
			return schema.NewPrimitiveNode(d.Name, repetition, parquet.Types.Int32, -1, -1)
		}
		return schema.NewPrimitiveNode(d.Name, repetition, parquet.Types.Int64, -1, -1)
	case Real:
		return schema.NewPrimitiveNode(d.Name, repetition, parquet.Types.Double, -1, -1)
	case Boolean:
		return schema.NewPrimitiveNode(d.Name, repetition, parquet.Types.Boolean, -1, -1)
	case Datetime:
		if isDate(col) {
			return logical(schema.DateLogicalType{}, parquet.Types.Int32)
		}
		return logical(schema.NewTimestampLogicalType(false, schema.TimeUnitMicros), parquet.Types.Int64)
	}
	return logical(schema.StringLogicalType{}, parquet.Types.ByteArray)
}

func isInt32(col *learnedColumn) bool {
	g, ok := col.coder.(*grid)
	return ok && g.integer && g.lo >= math.MinInt32 && g.hi <= math.MaxInt32
}

func isDate(col *learnedColumn) bool {
	c, ok := col.coder.(*calendar)
	return ok && c.unit == secondsPerDay
}
