package amount

import (
	"math"
	"testing"
)

func TestGrouped(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", -1000: "-1,000", -100: "-100", 12345678: "12,345,678", math.MinInt16: "-32,768"} {
		if got := Grouped(n); got != want {
			t.Errorf("Grouped(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestOf(t *testing.T) {
	for n, want := range map[int]string{0: "0 rows", 1: "1 row", 30000: "30,000 rows"} {
		if got := Of(n, "row"); got != want {
			t.Errorf("Of(%d) = %q, want %q", n, got, want)
		}
	}
}
