package configs

import (
	"strings"
	"testing"
)

func TestParseDevice(t *testing.T) {
	for _, test := range []struct {
		name, kind string
		ordinal    int
		want       string // in the error
	}{
		{"auto", "auto", 0, ""},
		{"cuda", "cuda", 0, ""},
		{"cuda:0", "cuda", 0, ""},
		{"cuda:13", "cuda", 13, ""},
		{"cuda:", "", 0, "must be the number of a GPU"},
		{"cuda:x", "", 0, "must be the number of a GPU"},
		{"cuda:-1", "", 0, "must be the number of a GPU"},
		{"cuda:1:2", "", 0, "must be the number of a GPU"},
		{"cuda:99999999999999999999", "", 0, "must be the number of a GPU"},
		{"cpu:0", "", 0, "only cuda takes a number: write cpu"},
		{"", "", 0, "must be one of auto, cpu, cuda, reference"},
		{"CUDA", "", 0, "must be one of"},
	} {
		kind, ordinal, err := ParseDevice(test.name)
		if kind != test.kind || ordinal != test.ordinal || (err == nil) != (test.want == "") {
			t.Errorf("%q: %q, %d, %v", test.name, kind, ordinal, err)
		}
		if err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want %q in it", test.name, err, test.want)
		}
	}
}
