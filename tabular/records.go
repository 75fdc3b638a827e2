package tabular

import (
	"context"
	"fmt"
	"iter"
)

// recordBatch is how many records are told to a sink at a time.
const recordBatch = 4096

// ReadRecords tells into the rows of records, which have a cell for each column of c's
// schema, in its order, and returns how many there were. A cell that c refuses, or a record
// of another length, is an error that names the record, from 1 on; so is an error of
// records itself. Cells of ids are not looked at.
func ReadRecords(ctx context.Context, records iter.Seq2[[]string, error], c *Codec, into Sink) (rows int, err error) {
	columns := make([][]uint32, len(c.columns))
	flush := func() error {
		if len(columns[0]) == 0 {
			return nil
		}
		err := into.Append(columns)
		for j := range columns {
			columns[j] = columns[j][:0]
		}
		return err
	}
	for record, err := range records {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = c.encodeRecord(record, columns)
		}
		if err != nil {
			return rows, fmt.Errorf("tabular: record %d: %w", rows+1, err)
		}
		rows++
		if rows%recordBatch == 0 {
			if err := flush(); err != nil {
				return rows, err
			}
		}
	}
	if rows == 0 {
		return 0, fmt.Errorf("tabular: records: %w", ErrNoRows)
	}
	return rows, flush()
}

// encodeRecord appends the codes of a record to columns.
func (c *Codec) encodeRecord(record []string, columns [][]uint32) error {
	if len(record) != len(c.schema.Columns) {
		return fmt.Errorf("%d cells: want one for each of %d columns", len(record), len(c.schema.Columns))
	}
	for j, i := range c.learned {
		code, err := c.Encode(j, record[i])
		if err != nil {
			return fmt.Errorf("column %q: %w", c.schema.Columns[i].Name, err)
		}
		columns[j] = append(columns[j], code)
	}
	return nil
}

// Record is row i of columns, codes by learned column, as a cell for each column of the
// schema. number, from 1 on, is what ids count.
func (c *Codec) Record(columns [][]uint32, i int, number int64) []string {
	record := make([]string, 0, len(c.schema.Columns))
	j, id := 0, 0
	var text []byte
	for k := range c.schema.Columns {
		if c.schema.Columns[k].Type == ID {
			text = c.counters[id].append(text[:0], number)
			id++
		} else {
			text = c.AppendCell(text[:0], j, columns[j][i])
			j++
		}
		record = append(record, string(text))
	}
	return record
}
