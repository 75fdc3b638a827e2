package mutate

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

var (
	part = flag.String("part", "", "`k/n`: plant every n-th fault, from the k-th on")
	only = flag.String("only", "", "`pattern`: plant the faults whose file or text matches")
)

// Each fault is noticed by the test that stands beside it. It is what `make mutate`
// runs; all of them take a quarter of an hour.
func TestFaultsAreCaught(t *testing.T) {
	if *part == "" {
		t.Skip("plants faults if -part says which: make mutate")
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	faults, err := readFaults("faults")
	if err != nil {
		t.Fatal(err)
	}
	pattern, err := regexp.Compile(*only)
	if err != nil {
		t.Fatalf("mutate: -only=%s: %v", *only, err)
	}
	if faults, err = chosen(faults, *part, pattern); err != nil {
		t.Fatal(err)
	}
	if len(faults) == 0 {
		t.Fatalf("mutate: -part=%s -only=%s: no fault is like that", *part, *only)
	}
	r, caught := &runner{root: root, scratch: t.TempDir(), sound: map[string]error{}}, 0
	for i := range faults {
		f, started := &faults[i], time.Now()
		switch err := r.try(f); {
		case err == nil:
			caught++
			t.Logf("caught   %5.1fs %s", time.Since(started).Seconds(), f)
		case errors.Is(err, errSurvived):
			t.Errorf("%v %5.1fs %s: %s", err, time.Since(started).Seconds(), f, f.Test)
		default:
			t.Errorf("ERROR    %5.1fs %s: %v", time.Since(started).Seconds(), f, err)
		}
	}
	t.Logf("%d of %d faults caught", caught, len(faults))
}

// chosen are every n-th of the faults that match only, from the k-th on, part being "k/n".
func chosen(faults []Fault, part string, only *regexp.Regexp) ([]Fault, error) {
	var k, n int
	if _, err := fmt.Sscanf(part, "%d/%d", &k, &n); err != nil || k < 1 || k > n {
		return nil, fmt.Errorf("mutate: -part=%s: must be k/n, 1 ≤ k ≤ n", part)
	}
	var out []Fault
	for i := range faults {
		if i%n == k-1 && only.MatchString(faults[i].String()) {
			out = append(out, faults[i])
		}
	}
	return out, nil
}
