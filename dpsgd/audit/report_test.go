package audit

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestReportSaysWhatAPassMeans(t *testing.T) {
	r := newReport(selfTestConfig())
	r.addResult(bounded(2, 1.5, "steps"))
	if !r.Passed() || r.Failures() != 0 {
		t.Errorf("verdict %s with %d failures after a pass", r.Verdict, r.Failures())
	}
	text := r.String()
	for _, want := range []string{"evidence, not proof", "claimed ε=2, an attack proves ε ≥ 1.5 with 95 % confidence", "PASS"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	r.addResult(bounded(2, 2.5, "steps"))
	r.AddSelfTest([]Trial{{Bug: noClip, CaughtBy: []string{}}})
	if text := r.String(); r.Passed() || r.Failures() != 2 || !strings.Contains(text, "FAIL: a check failed") {
		t.Errorf("%d failures, want 2, in\n%s", r.Failures(), text)
	}
}

func TestReportJSON(t *testing.T) {
	r := newReport(selfTestConfig())
	r.addResult(passed("fine"))
	r.addResult(bounded(2, 0, "steps"))
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"message_type":"audit"`, `"verdict":"pass"`, `"claimed_epsilon":2,"epsilon_lower_bound":0`,
		`"detail":"fine","seconds"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is missing in %s", want, text)
		}
	}
}
