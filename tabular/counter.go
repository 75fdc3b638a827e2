package tabular

import (
	"errors"
	"strconv"
	"strings"
)

// counter writes the cells of an id column: 1, 2, 3, … in a printf format with
// exactly one %d, which may have a width and leading zeros.
type counter struct {
	prefix, suffix string
	width          int
	fill           byte
}

// maxIDWidth bounds the padding of an id.
const maxIDWidth = 32

func newCounter(format string) (counter, error) {
	if format == "" {
		format = "%d"
	}
	c := counter{fill: ' '}
	var text strings.Builder
	verbs := 0
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			text.WriteByte(format[i])
			continue
		}
		if i++; i < len(format) && format[i] == '%' {
			text.WriteByte('%')
			continue
		}
		start := i
		for i < len(format) && format[i]-'0' <= 9 {
			i++
		}
		if i == len(format) || format[i] != 'd' {
			return counter{}, errors.New(`want one %d, such as "P%06d"`)
		}
		if width := format[start:i]; width != "" {
			n, err := strconv.Atoi(width)
			if err != nil || n > maxIDWidth {
				return counter{}, errors.New("width: want at most " + strconv.Itoa(maxIDWidth))
			}
			c.width = n
			if width[0] == '0' {
				c.fill = '0'
			}
		}
		verbs++
		c.prefix = text.String()
		text.Reset()
	}
	c.suffix = text.String()
	if verbs != 1 {
		return counter{}, errors.New(`want one %d, such as "P%06d"`)
	}
	if fault := checkText(c.prefix + "1" + c.suffix); fault != "" {
		return counter{}, errors.New(fault)
	}
	return c, nil
}

// plain says that the cells are numbers and nothing else.
func (c *counter) plain() bool { return c.prefix == "" && c.suffix == "" && c.width == 0 }

func (c *counter) append(dst []byte, n int64) []byte {
	dst = append(dst, c.prefix...)
	digits := 1
	for digits <= maxDigits && n >= pow10[min(digits, maxDigits)] {
		digits++
	}
	for range c.width - digits {
		dst = append(dst, c.fill)
	}
	dst = strconv.AppendInt(dst, n, 10)
	return append(dst, c.suffix...)
}
