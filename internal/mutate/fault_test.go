package mutate

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Fault is a mistake in one place of one file.
type Fault struct {
	File string `yaml:"-"` // from the root of the module
	// Breaks says what is wrong with it in place.
	Breaks string `yaml:"breaks"`
	// Old occurs once in File, and New takes its place.
	Old string `yaml:"old"`
	New string `yaml:"new"`
	// Test names the package and the tests that catch it: "./dpsgd TestA|TestB", or a
	// subtest, as go test -run does: "./cpu TestDevice/generic/Noise".
	Test string `yaml:"test"`
}

// readFaults reads the lists in folder, in the order of their names.
func readFaults(folder string) ([]Fault, error) {
	names, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("mutate: %s: no lists of faults: %w", folder, errors.Join(err, os.ErrNotExist))
	}
	var all []Fault
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("mutate: %w", err)
		}
		faults, err := parseFaults(data)
		if err != nil {
			return nil, fmt.Errorf("mutate: %s: %w", name, err)
		}
		all = append(all, faults...)
	}
	return all, nil
}

func parseFaults(data []byte) ([]Fault, error) {
	var groups []struct {
		File   string  `yaml:"file"`
		Faults []Fault `yaml:"faults"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&groups); err != nil {
		return nil, err
	}
	var all []Fault
	for _, g := range groups {
		for _, f := range g.Faults {
			f.File, f.Old, f.New = g.File, strings.TrimSuffix(f.Old, "\n"), strings.TrimSuffix(f.New, "\n")
			if f.Breaks == "" || f.Old == "" || f.Old == f.New || f.Test == "" {
				return nil, fmt.Errorf("%s: %q: needs breaks, old, another new, and test", f.File, f.Breaks)
			}
			all = append(all, f)
		}
	}
	return all, nil
}

// String names the fault.
func (f *Fault) String() string { return f.File + ": " + f.Breaks }

// plant returns the file with the fault in it.
func (f *Fault) plant(root string) ([]byte, error) {
	source, err := os.ReadFile(filepath.Join(root, f.File))
	if err != nil {
		return nil, fmt.Errorf("mutate: %s: %w", f, err)
	}
	if n := strings.Count(string(source), f.Old); n != 1 {
		return nil, fmt.Errorf("mutate: %s: its old text occurs %d times, want once: adapt it to the file\n%s", f, n, f.Old)
	}
	return []byte(strings.Replace(string(source), f.Old, f.New, 1)), nil
}

// target is the package of the fault's tests and the pattern of go test -run for them.
func (f *Fault) target() (pkg, run string) {
	pkg, tests, _ := strings.Cut(f.Test, " ")
	names, sub, nested := strings.Cut(tests, "/")
	if run = "^(" + names + ")$"; nested {
		run += "/" + sub
	}
	return pkg, run
}

// check reports a fault whose text or whose tests the tree does not have.
func (f *Fault) check(root string) error {
	_, err := f.plant(root)
	pkg, _ := f.target()
	_, tests, _ := strings.Cut(f.Test, " ")
	tests, _, _ = strings.Cut(tests, "/")
	files, e := filepath.Glob(filepath.Join(root, pkg, "*_test.go"))
	var source []byte
	for _, name := range files {
		text, err := os.ReadFile(name)
		source, e = append(source, text...), errors.Join(e, err)
	}
	for _, test := range strings.Split(tests, "|") {
		if !regexp.MustCompile(`(?m)^func ` + regexp.QuoteMeta(test) + `\(`).Match(source) {
			e = errors.Join(e, fmt.Errorf("mutate: %s: %s has no test %q", f, pkg, test))
		}
	}
	return errors.Join(err, e)
}
