package tabular

import (
	"fmt"
	"time"
)

// defaultDatetime is the Format of datetime columns without one.
const defaultDatetime = "%Y-%m-%d"

// isoDatetimes are read in bounds besides the column's own format.
var isoDatetimes = []string{"%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"}

// compileDatetime makes the coder of dates and times, and normalises its bounds
// to text in the column's format.
func compileDatetime(d *Column, col *learnedColumn, fail func(string, ...any)) {
	format := d.Format
	if format == "" {
		format = defaultDatetime
	}
	layout, unit, err := newLayout(format)
	if fault := checkText(format); err == nil && fault != "" {
		err = fmt.Errorf("%s", fault)
	}
	if err != nil {
		fail("format=%q: %v", format, err)
		return
	}
	if len(d.Bounds) != 2 {
		fail(missingBounds, d.Bounds)
		return
	}
	c := &calendar{layout: layout, unit: unit}
	var bounds [2]int64
	for i, b := range d.Bounds {
		seconds, ok := instant(b, layout)
		if !ok {
			fail("bounds[%d]=%v: want a date as text in format=%q, or as 2006-01-02T15:04:05", i, b, format)
			return
		}
		bounds[i] = floorDiv(seconds, unit)
		text := string(layout.append(nil, bounds[i]*unit))
		if back, ok := layout.parse(text); !ok || back != bounds[i]*unit {
			fail("bounds[%d]=%v: format=%q writes it as %q, another date: use %%Y", i, b, format, text)
			return
		}
		d.Bounds[i] = text
	}
	c.lo, c.hi = bounds[0], bounds[1]
	if c.lo >= c.hi {
		fail("bounds=%v: want lo < hi", d.Bounds)
		return
	}
	col.coder = c
}

// instant reads a bound as seconds since 1970-01-01 00:00.
func instant(v any, own layout) (int64, bool) {
	switch v := v.(type) {
	case time.Time: // an unquoted date in YAML
		if v.Year() < 1 || v.Year() > 9999 {
			return 0, false
		}
		_, offset := v.Zone()
		return v.Unix() + int64(offset), true
	case string:
		if seconds, ok := own.parse(v); ok {
			return seconds, true
		}
		for _, format := range isoDatetimes {
			iso, _, err := newLayout(format)
			if err != nil {
				continue
			}
			if seconds, ok := iso.parse(v); ok {
				return seconds, true
			}
		}
	}
	return 0, false
}
