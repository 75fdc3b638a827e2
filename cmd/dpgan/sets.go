package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"

	"github.com/dpgan/dpgan/gan/sample"
	"github.com/dpgan/dpgan/tabular"
)

// setPath is the name of table set of sets: out itself if it is the only one,
// else with -1, -2 … before its extension.
func setPath(out string, set, sets int) string {
	if sets == 1 {
		return out
	}
	folder, name := filepath.Split(out)
	stem, rest, dotted := strings.Cut(name, ".")
	for _, extension := range []string{".csv.gz", ".csv", ".parquet"} {
		if len(name) > len(extension) && strings.EqualFold(name[len(name)-len(extension):], extension) {
			stem, rest, dotted = name[:len(name)-len(extension)], name[len(name)-len(extension)+1:], true
			break
		}
	}
	name = fmt.Sprintf("%s-%d", stem, set)
	if dotted {
		name += "." + rest
	}
	return folder + name
}

// setSeed is the seed of table set of sets: seed itself if it is the only one,
// else one of 53 bits that has nothing to do with its neighbours.
func setSeed(seed uint64, set, sets int) uint64 {
	if sets == 1 {
		return seed
	}
	return rand.New(rand.NewPCG(seed, uint64(set))).Uint64() >> 11
}

// conditionUsage makes what is wrong with a condition the fault of command's flag.
// Conditions that the model's rules forbid show when rows are drawn.
func conditionUsage(command string, err error) error {
	var c *sample.ConditionError
	switch {
	case errors.As(err, &c):
		return usageError(fmt.Errorf("%s: --%s %s: %s", command, c.Option, c.Text, c.Reason))
	case errors.Is(err, tabular.ErrRules):
		return usageError(fmt.Errorf("%s: no row meets the conditions and keeps the model's rules: %w", command, err))
	}
	return err
}
