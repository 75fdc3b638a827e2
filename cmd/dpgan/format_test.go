package main

import (
	"testing"
	"time"
)

func TestShort(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 999: "999", 1200: "1.2k", 123456: "123k", 1.25e6: "1.25M", 3e9: "3G"} {
		if got := short(x); got != want {
			t.Errorf("short(%g) = %q, want %q", x, got, want)
		}
	}
}

func TestRounded(t *testing.T) {
	for d, want := range map[time.Duration]time.Duration{
		0: 0, 999: 999, 1234567 * time.Microsecond: 1230 * time.Millisecond, 1234 * time.Second: 1230 * time.Second,
	} {
		if got := rounded(d); got != want {
			t.Errorf("rounded(%v) = %v, want %v", d, got, want)
		}
	}
}
