package main

import (
	"testing"
	"testing/quick"
)

func TestEditDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"steps", "steps", 0}, {"step", "steps", 1}, {"stpes", "steps", 1},
		{"kitten", "sitting", 3}, // Levenshtein's own example
		{"ε", "e", 1},
	} {
		if got := editDistance(tt.a, tt.b); got != tt.want {
			t.Errorf("editDistance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
	symmetric := func(a, b string) bool { return editDistance(a, b) == editDistance(b, a) }
	if err := quick.Check(symmetric, nil); err != nil {
		t.Error(err)
	}
}

func TestEveryKeySuggestsItself(t *testing.T) {
	// One letter dropped anywhere in a key's last word must lead back to a key.
	for key := range configKeys() {
		if got := suggestKey(key, siblings(key)); got != "; did you mean "+key+"?" {
			t.Errorf("suggestKey(%q) = %q", key, got)
		}
		if siblings(key) == nil {
			t.Errorf("siblings(%q) is empty", key)
		}
	}
}
