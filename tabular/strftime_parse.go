package tabular

import "strings"

// parse reads s, all of it, as seconds since 1970-01-01 00:00.
func (l layout) parse(s string) (seconds int64, ok bool) {
	t := halfDayClock{clock: clock{year: 1970, month: 1, day: 1}}
	for _, d := range l {
		if d.field == 0 {
			if s == "" || s[0] != d.literal {
				return 0, false
			}
			s = s[1:]
			continue
		}
		var v int
		if v, s = d.parse(s); v < 0 {
			return 0, false
		}
		t.set(d.field, v)
	}
	if t.twelve && t.noon {
		t.hour += 12
	}
	if s != "" {
		return 0, false
	}
	return t.seconds()
}

// parse reads the directive's field from the start of s; -1 if it is not there.
// Names count from 0.
func (d directive) parse(s string) (v int, rest string) {
	switch d.field {
	case 'b':
		return parseName(s, months[:], 3)
	case 'B':
		return parseName(s, months[:], 0)
	case 'p':
		return parseName(s, halves[:], 0)
	}
	return parseField(s, d.field)
}

// halfDayClock is a clock that may go by halves of the day: %I and %p.
type halfDayClock struct {
	clock
	twelve, noon bool
}

// set sets a field to what was read of it.
func (t *halfDayClock) set(field byte, v int) {
	switch field {
	case 'Y':
		t.year = v
	case 'y':
		t.year = 1900 + v
		if v < 69 {
			t.year += 100
		}
	case 'm':
		t.month = v
	case 'b', 'B':
		t.month = v + 1
	case 'd':
		t.day = v
	case 'j':
		t.yearDay = v
	case 'H':
		t.hour = v
	case 'I':
		t.hour, t.twelve = v%12, true
	case 'p':
		t.noon = v == 1
	case 'M':
		t.minute = v
	case 'S':
		t.second = v
	}
}

// parseField reads up to the field's digits; -1 if there is no such number.
// Years have all their digits.
func parseField(s string, field byte) (int, string) {
	digits, lowest, highest := fieldMax(field)
	v, n := 0, 0
	for n < digits && n < len(s) && s[n]-'0' <= 9 {
		v = v*10 + int(s[n]-'0')
		n++
	}
	if n == 0 || v < lowest || v > highest || (field == 'Y' || field == 'y') && n < digits {
		return -1, s
	}
	return v, s[n:]
}

// parseName reads one of names, blind to case, cut to length bytes if > 0.
func parseName(s string, names []string, length int) (int, string) {
	for k, name := range names {
		if length > 0 {
			name = name[:length]
		}
		if len(s) >= len(name) && strings.EqualFold(s[:len(name)], name) {
			return k, s[len(name):]
		}
	}
	return -1, s
}
