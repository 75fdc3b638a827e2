package mutate

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// limit is how long the tests of one fault may take; a few seconds are usual.
const limit = 3 * time.Minute

// runner tests faults in the tree at root.
type runner struct {
	root    string
	scratch string           // holds what is planted
	sound   map[string]error // by tests: why they fail without any fault
}

// errSurvived is what a fault is that no test noticed.
var errSurvived = errors.New("SURVIVED")

// try plants f and runs its tests. It returns nil if one of them failed,
// errSurvived if none did, and another error if that says nothing: if the text is
// not in the file, the fault does not compile, or the tests fail without it, are
// not there, or do not end.
func (r *runner) try(f *Fault) error {
	planted, err := f.plant(r.root)
	if err != nil {
		return err
	}
	if _, known := r.sound[f.Test]; !known {
		r.sound[f.Test] = r.works(f)
	}
	if err := r.sound[f.Test]; err != nil {
		return err
	}
	source, overlay := filepath.Join(r.scratch, "fault.go"), filepath.Join(r.scratch, "overlay.json")
	replaced, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(r.root, f.File): source}})
	if err != nil {
		return err
	}
	if err := errors.Join(os.WriteFile(source, planted, 0o600), os.WriteFile(overlay, replaced, 0o600)); err != nil {
		return err
	}
	output, err := r.test(f, "-count=1", "-overlay="+overlay)
	switch {
	case err == nil && strings.Contains(output, "no tests to run"):
		return fmt.Errorf("%s: no tests to run", f.Test)
	case err == nil:
		return errSurvived
	case strings.Contains(output, "[build failed]") || strings.Contains(output, "[setup failed]"):
		return fmt.Errorf("does not compile:\n%s", output)
	case strings.Contains(output, "panic: test timed out"):
		return fmt.Errorf("%s: not done after %v: name a narrower test", f.Test, limit)
	}
	return nil
}

// works runs the tests of f without it: what fails anyhow catches nothing.
func (r *runner) works(f *Fault) error {
	if output, err := r.test(f); err != nil {
		return fmt.Errorf("%s: fails without the fault:\n%s", f.Test, output)
	}
	return nil
}

func (r *runner) test(f *Fault, flags ...string) (output string, err error) {
	pkg, run := f.target()
	args := append([]string{"test", "-vet=off", "-failfast", "-timeout=" + limit.String(), "-run=" + run}, flags...)
	cmd := exec.Command("go", append(args, pkg)...)
	cmd.Dir = r.root
	text, err := cmd.CombinedOutput()
	return string(text), err
}
