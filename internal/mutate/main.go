package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

func main() {
	part := flag.String("part", "1/1", "`k/n`: every n-th fault, from the k-th on")
	only := flag.String("only", "", "`pattern`: the faults whose file or text matches")
	flag.Parse()
	if err := run(*part, *only); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run tries the chosen faults, says what became of each, and reports an error if
// one survived or could not be tried.
func run(part, only string) error {
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	faults, err := readFaults(filepath.Join(root, "internal", "mutate", "faults"))
	if err != nil {
		return err
	}
	pattern, err := regexp.Compile(only)
	if err != nil {
		return fmt.Errorf("mutate: -only=%s: %w", only, err)
	}
	if faults, err = chosen(faults, part, pattern); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	r := &runner{root: root, scratch: scratch, sound: map[string]error{}}
	caught, failed := 0, 0
	for i := range faults {
		f, started := &faults[i], time.Now()
		err := r.try(f)
		if took := time.Since(started).Seconds(); err == nil {
			caught++
			fmt.Printf("caught   %5.1fs %s\n", took, f)
			continue
		}
		failed++
		verdict := "ERROR   "
		if errors.Is(err, errSurvived) {
			verdict, err = errSurvived.Error(), errors.New(f.Test)
		}
		fmt.Printf("%s %5.1fs %s: %v\n", verdict, time.Since(started).Seconds(), f, err)
	}
	fmt.Printf("%d faults caught, %d survived or could not be tried\n", caught, failed)
	if failed > 0 {
		return fmt.Errorf("mutate: %d of %d faults would go unnoticed", failed, len(faults))
	}
	return nil
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
