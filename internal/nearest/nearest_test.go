package nearest

import (
	"strings"
	"testing"
	"testing/quick"
)

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "abc", 0},
		{"abc", "acb", 1}, // swapped
		{"abc", "ab", 1},
		{"abc", "xbc", 1},
		{"kitten", "sitting", 3},
		{"ca", "abc", 3}, // 2 if a letter could be swapped and then parted
		{"grün", "grun", 1},
	} {
		for _, pair := range [][2]string{{tt.a, tt.b}, {tt.b, tt.a}} {
			if got := distance([]rune(pair[0]), []rune(pair[1])); got != tt.want {
				t.Errorf("distance(%q, %q) = %d, want %d", pair[0], pair[1], got, tt.want)
			}
		}
	}
	symmetric := func(a, b []rune) bool { return distance(a, b) == distance(b, a) }
	if err := quick.Check(symmetric, nil); err != nil {
		t.Error(err)
	}
}

func TestWord(t *testing.T) {
	long := strings.Repeat("a", longest)
	for _, tt := range []struct {
		word  string
		known []string
		want  string
	}{
		{"step", []string{"batch_size", "steps"}, "steps"},
		{"target_epslion", []string{"target_delta", "target_epsilon"}, "target_epsilon"},
		{"Privacy", []string{"privacy"}, "privacy"},
		{"male", []string{"female", "mall"}, "mall"},
		{"ab", []string{"abc", "abd"}, "abc"}, // the first of equals
		{"M", []string{"F"}, ""},              // all letters would change
		{"12", []string{"34", "345"}, ""},
		{"x", []string{"ab", ""}, ""},
		{"", []string{"a"}, ""},
		{"horse", []string{"hardware"}, ""},
		{"a\xff", []string{"a"}, ""},
		{long, []string{long[1:]}, long[1:]},
		{long + "a", []string{long}, ""},
		{long, []string{long + "a"}, ""},
	} {
		if got := Word(tt.word, tt.known); got != tt.want {
			t.Errorf("Word(%q, %q) = %q, want %q", tt.word, tt.known, got, tt.want)
		}
	}
}
