package audit

import (
	"slices"
	"strings"
	"testing"
)

// Every check that a pitfall names exists, and a pitfall fails if one of its checks does.
func TestPitfallsFollowTheirChecks(t *testing.T) {
	var names []string
	for _, c := range checks() {
		names = append(names, c.name)
	}
	for _, c := range pairChecks() {
		names = append(names, c.name)
	}
	for _, c := range countChecks() {
		names = append(names, c.name)
	}
	for _, p := range pitfalls() {
		for _, name := range p.Checks {
			if !slices.Contains(names, name) {
				t.Errorf("%s: no check %q", p.Name, name)
			}
		}
	}
	for _, broken := range names {
		var r Report
		for _, name := range names {
			r.addResult(Result{Name: name, Passed: name != broken})
		}
		r.addPitfalls()
		if len(r.Pitfalls) != len(pitfalls()) {
			t.Fatalf("%d of %d pitfalls", len(r.Pitfalls), len(pitfalls()))
		}
		for _, p := range r.Pitfalls {
			if p.Passed == slices.Contains(p.Checks, broken) {
				t.Errorf("%s: passed=%v though %q failed", p.Name, p.Passed, broken)
			}
			if text := r.String(); !strings.Contains(text, passOrFail(p.Passed)) || !strings.Contains(text, p.Name) {
				t.Errorf("%s is not in the report", p.Name)
			}
		}
	}
}

// Where a check did not run, nothing is said of its pitfalls.
func TestPitfallsNeedTheirChecks(t *testing.T) {
	var r Report
	r.addResult(Result{Name: "sampling", Passed: true})
	r.addPitfalls()
	if len(r.Pitfalls) != 1 || r.Pitfalls[0].Name != "batch division" {
		t.Errorf("%+v", r.Pitfalls)
	}
}
