package tabular

import (
	"fmt"
	"strings"
)

// A directive is one field of a datetime format, or one literal byte.
type directive struct {
	field   byte // Y m d H M S y b B j I p as in strftime; 0 for a literal
	literal byte
}

// layout is a compiled strftime format.
type layout []directive

// compositeDirectives are spelled out before parsing.
var compositeDirectives = strings.NewReplacer("%%", "%%", "%F", "%Y-%m-%d", "%T", "%H:%M:%S", "%R", "%H:%M")

// fieldMax is the largest value of a numeric field and thereby its width.
func fieldMax(field byte) (digits, lowest, highest int) {
	switch field {
	case 'Y':
		return 4, 1, 9999
	case 'y':
		return 2, 0, 99
	case 'm':
		return 2, 1, 12
	case 'd':
		return 2, 1, 31
	case 'j':
		return 3, 1, 366
	case 'H':
		return 2, 0, 23
	case 'I':
		return 2, 1, 12
	case 'M', 'S':
		return 2, 0, 59
	}
	return 0, 0, 0
}

// newLayout compiles format and finds its unit in seconds: 86400, 3600, 60 or 1.
func newLayout(format string) (l layout, unit int64, err error) {
	format = compositeDirectives.Replace(format)
	has := map[byte]bool{}
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			l = append(l, directive{literal: format[i]})
			continue
		}
		i++
		switch {
		case i == len(format):
			return nil, 0, fmt.Errorf("ends in a lone %%: write %%%%")
		case format[i] == '%':
			l = append(l, directive{literal: '%'})
		case strings.IndexByte("YmdHMSybBjIp", format[i]) < 0:
			return nil, 0, fmt.Errorf("%%%c is not supported: use %%Y %%y %%m %%b %%B %%d %%j %%H %%I %%p %%M %%S %%F %%T %%R", format[i])
		case has[format[i]]:
			return nil, 0, fmt.Errorf("%%%c occurs twice", format[i])
		default:
			has[format[i]] = true
			l = append(l, directive{field: format[i]})
		}
	}
	unit, err = resolution(has)
	return l, unit, err
}

// resolution checks that the fields name each unit of time exactly once.
func resolution(has map[byte]bool) (int64, error) {
	count := func(fields string) (n int) {
		for i := range len(fields) {
			if has[fields[i]] {
				n++
			}
		}
		return n
	}
	day := count("mbB") == 1 && has['d'] && !has['j'] || count("mbBd") == 0 && has['j']
	hour := count("HIp") == 0 || has['H'] && count("Ip") == 0 || !has['H'] && count("Ip") == 2
	switch hours := count("HI"); {
	case count("Yy") != 1:
		return 0, fmt.Errorf("want one of %%Y and %%y")
	case !day:
		return 0, fmt.Errorf("want a month and %%d, or %%j: declare coarser dates as integer or ordinal")
	case !hour:
		return 0, fmt.Errorf("want %%H, or %%I with %%p")
	case has['M'] && hours == 0, has['S'] && !has['M']:
		return 0, fmt.Errorf("want %%H before %%M before %%S")
	case has['S']:
		return 1, nil
	case has['M']:
		return 60, nil
	case hours > 0:
		return 3600, nil
	}
	return secondsPerDay, nil
}

// append writes seconds since 1970-01-01 00:00.
func (l layout) append(dst []byte, seconds int64) []byte {
	t := newClock(seconds)
	for _, d := range l {
		switch d.field {
		case 0:
			dst = append(dst, d.literal)
		case 'Y':
			dst = appendPadded(dst, t.year, 4)
		case 'y':
			dst = appendPadded(dst, t.year%100, 2)
		case 'm':
			dst = appendPadded(dst, t.month, 2)
		case 'b':
			dst = append(dst, months[t.month-1][:3]...)
		case 'B':
			dst = append(dst, months[t.month-1]...)
		case 'd':
			dst = appendPadded(dst, t.day, 2)
		case 'j':
			dst = appendPadded(dst, t.yearDay, 3)
		case 'H':
			dst = appendPadded(dst, t.hour, 2)
		case 'I':
			dst = appendPadded(dst, (t.hour+11)%12+1, 2)
		case 'p':
			dst = append(dst, halves[t.hour/12]...)
		case 'M':
			dst = appendPadded(dst, t.minute, 2)
		case 'S':
			dst = appendPadded(dst, t.second, 2)
		}
	}
	return dst
}

// appendPadded writes v >= 0 with leading zeros.
func appendPadded(dst []byte, v, digits int) []byte {
	for p := pow10[digits-1]; p > 0; p /= 10 {
		dst = append(dst, byte('0'+int64(v)/p%10))
	}
	return dst
}
