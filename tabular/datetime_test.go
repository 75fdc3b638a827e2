package tabular

import (
	"testing"
	"time"
)

// goLayouts pairs strftime formats with those of package time, which serves as
// the reference.
var goLayouts = map[string]string{
	"%Y-%m-%d":           "2006-01-02",
	"%d.%m.%y":           "02.01.06",
	"%Y%m%d%H%M%S":       "20060102150405",
	"%b %d, %Y %I:%M %p": "Jan 02, 2006 03:04 PM",
	"%d %B %Y, %Hh":      "02 January 2006, 15h",
	"%Y-%j":              "2006-002",
	"%FT%TZ":             "2006-01-02T15:04:05Z",
	"%% %R on %m/%d/%Y?": "% 15:04 on 01/02/2006?",
}

func TestLayoutAgainstTime(t *testing.T) {
	r := newRand(10)
	first := time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	last := time.Date(2068, 12, 31, 23, 59, 59, 0, time.UTC).Unix()
	early := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	late := time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC).Unix()
	for format, reference := range goLayouts {
		l, unit, err := newLayout(format)
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		for n := range 3000 {
			seconds := first + r.Int64N(last-first)
			if n%2 == 0 && format != "%d.%m.%y" {
				seconds = early + r.Int64N(late-early)
			}
			seconds = floorDiv(seconds, unit) * unit
			want := time.Unix(seconds, 0).UTC().Format(reference)
			if got := string(l.append(nil, seconds)); got != want {
				t.Fatalf("%s: %d is written as %q, want %q", format, seconds, got, want)
			}
			if got, ok := l.parse(want); !ok || got != seconds {
				t.Fatalf("%s: %q is read as %d, %v, want %d", format, want, got, ok, seconds)
			}
		}
	}
}

func TestLayoutRefuses(t *testing.T) {
	for format, cells := range map[string][]string{
		"%Y-%m-%d": {"", "2020", "2020-02-30", "2021-02-29", "2020-13-01", "2020-00-01", "2020-01-00", "0000-01-01", "20-01-01",
			"2020-01-01x", "x2020-01-01"},
		"%Y-%j":          {"2021-366", "2020-367", "2020-000"},
		"%F %I:%M %p":    {"2020-01-01 13:00 PM", "2020-01-01 00:00 AM", "2020-01-01 12:00", "2020-01-01 12:60 AM"},
		"%d-%b-%Y":       {"01-Foo-2020", "01--2020", "31-Apr-2020"},
		"%d %B %Y %H:%M": {"01 Jan 2020 10:00", "01 January 2020 24:00", "01 January 2020 10:-1"},
	} {
		l, _, err := newLayout(format)
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range cells {
			if seconds, ok := l.parse(cell); ok {
				t.Errorf("%s: %q is read as %d", format, cell, seconds)
			}
		}
	}
}
