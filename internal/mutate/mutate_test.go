package mutate

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each fault's text is in its file, once, and its tests are in their package. When
// the program changes, the list has to follow.
func TestFaultsFitTheTree(t *testing.T) {
	root := filepath.Join("..", "..")
	faults, err := readFaults("faults")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i := range faults {
		f := &faults[i]
		if err := f.check(root); err != nil {
			t.Error(err)
		}
		if seen[f.String()] {
			t.Errorf("%s: listed twice", f)
		}
		seen[f.String()] = true
	}
	if len(faults) < 250 {
		t.Errorf("%d faults, want 250 at least", len(faults))
	}
}

// A fault that a test notices is caught; one that none does has survived; and what
// tells nothing is neither.
func TestVerdicts(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":       "module tiny\n\ngo 1.26\n",
		"half.go":      "package tiny\n\n// Half of x.\nfunc Half(x int) int { return x / 2 }\n\nfunc unused() int { return 1 }\n",
		"half_test.go": "package tiny\n\nimport \"testing\"\n\nfunc TestHalf(t *testing.T) {\n\tif Half(4) != 2 {\n\t\tt.Fatal()\n\t}\n}\n\nfunc TestBroken(t *testing.T) { t.Fatal() }\n\nfunc Test(t *testing.T) { _ = unused() }\n",
	} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := &runner{root: root, scratch: t.TempDir(), sound: map[string]error{}}
	for _, c := range []struct{ old, new, test, verdict string }{
		{"x / 2", "x / 3", ". TestHalf", ""},
		{"return 1", "return 2", ". TestHalf|Test", "SURVIVED"},
		{"x / 2", "x.half", ". TestHalf", "does not compile"},
		{"x / 2", "x / 3", ". TestBroken", "fails without the fault"},
		{"x / 2", "x / 3", ". TestNone", "no tests to run"},
		{"x / 4", "x / 3", ". TestHalf", "occurs 0 times"},
		{"return", "return 0 +", ". TestHalf", "occurs 2 times"},
	} {
		err := r.try(&Fault{File: "half.go", Breaks: "halves", Old: c.old, New: c.new, Test: c.test})
		if c.verdict == "" && err != nil || c.verdict != "" && (err == nil || !strings.Contains(err.Error(), c.verdict)) {
			t.Errorf("%q → %q by %q: %v, want %q", c.old, c.new, c.test, err, c.verdict)
		}
		if survived := errors.Is(err, errSurvived); survived != (c.verdict == "SURVIVED") {
			t.Errorf("%q → %q by %q: survived: %v", c.old, c.new, c.test, survived)
		}
	}
}

// The parts hold each fault once.
func TestParts(t *testing.T) {
	faults := make([]Fault, 10)
	for i := range faults {
		faults[i].Breaks = string(rune('a' + i))
	}
	count := map[string]int{}
	for _, part := range []string{"1/3", "2/3", "3/3"} {
		some, err := chosen(faults, part, regexp.MustCompile(""))
		if err != nil || len(some) < 3 {
			t.Fatalf("part %s: %d faults, %v", part, len(some), err)
		}
		for _, f := range some {
			count[f.Breaks]++
		}
	}
	for _, f := range faults {
		if count[f.Breaks] != 1 {
			t.Errorf("fault %s is in %d parts", f.Breaks, count[f.Breaks])
		}
	}
	for _, part := range []string{"", "0/3", "4/3", "1"} {
		if _, err := chosen(faults, part, regexp.MustCompile("")); err == nil {
			t.Errorf("part %q was taken", part)
		}
	}
	if some, err := chosen(faults, "1/1", regexp.MustCompile("[cd]$")); err != nil || len(some) != 2 {
		t.Errorf("2 faults match, chosen %d, %v", len(some), err)
	}
}

// A list with a fault that says too little, or too much, is refused.
func TestListsAreChecked(t *testing.T) {
	good := "- file: a.go\n  faults:\n    - {breaks: b, old: c, new: d, test: ./a TestA}\n"
	if faults, err := parseFaults([]byte(good)); err != nil || len(faults) != 1 || faults[0].File != "a.go" {
		t.Errorf("%+v, %v", faults, err)
	}
	for _, change := range [][2]string{{"breaks: b, ", ""}, {"old: c", "old: d"}, {", test: ./a TestA", ""}, {"new:", "gnu:"}} {
		if _, err := parseFaults([]byte(strings.Replace(good, change[0], change[1], 1))); err == nil {
			t.Errorf("%q for %q was taken", change[1], change[0])
		}
	}
}
