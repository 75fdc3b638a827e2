package tabular

import (
	"fmt"
	"strconv"
)

// calendar is the coder of datetimes: code k is (lo+k)·unit seconds after
// 1970-01-01 00:00 of an unnamed time zone.
type calendar struct {
	layout layout
	unit   int64 // seconds: 86400, 3600, 60 or 1
	lo, hi int64 // units since 1970, both included
}

func (c *calendar) size() uint64 { return uint64(c.hi-c.lo) + 1 }

func (c *calendar) encode(cell string) (uint32, bool) {
	seconds, ok := c.layout.parse(cell)
	if !ok {
		return 0, false
	}
	return c.encodeSeconds(seconds)
}

// encodeSeconds takes seconds since 1970 and rounds down to the unit.
func (c *calendar) encodeSeconds(seconds int64) (uint32, bool) {
	units := floorDiv(seconds, c.unit)
	if units < c.lo || units > c.hi {
		return 0, false
	}
	return uint32(units - c.lo), true
}

func (c *calendar) append(dst []byte, code uint32) []byte {
	return c.layout.append(dst, c.seconds(code))
}

func (c *calendar) seconds(code uint32) int64 { return (c.lo + int64(code)) * c.unit }

func (c *calendar) value(code uint32) float64 { return float64(c.seconds(code)) }

func (c *calendar) refuse(cell string) string {
	lo, hi := c.layout.append(nil, c.lo*c.unit), c.layout.append(nil, c.hi*c.unit)
	if _, ok := c.layout.parse(cell); !ok {
		return fmt.Sprintf("not a datetime such as %q: declare its format, or correct the cell", lo)
	}
	return fmt.Sprintf("outside the declared bounds [%s, %s]: widen the bounds or correct the cell", lo, hi)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// text is a stored time in the column's format, or its seconds if the format
// cannot hold its year.
func (c *calendar) text(seconds int64) string {
	const first, last = -62135596800, 253402300799 // the years 1 to 9999
	if seconds < first || seconds > last {
		return strconv.FormatInt(seconds, 10) + " s"
	}
	return string(c.layout.append(nil, seconds))
}
