package configs

import "testing"

func TestEveryKeySuggestsItself(t *testing.T) {
	for key := range leaves() {
		if got := suggestKey(key, siblings(key)); got != "; did you mean "+key+"?" {
			t.Errorf("suggestKey(%q) = %q", key, got)
		}
		if siblings(key) == nil {
			t.Errorf("siblings(%q) is empty", key)
		}
	}
}
