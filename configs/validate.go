package configs

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/internal/problems"
	"github.com/dpgan/dpgan/tabular"
)

// Validate reports every value that no run can have, each with its place in from.
func (c *Config) Validate(from *Origins) error {
	err := errors.Join(c.Data.validate(), c.Model.Validate(), c.Privacy.Validate(), c.Training.Validate(), c.Runtime.validate(), from.zeros())
	var placed []error
	for _, e := range problems.Of(err) {
		key, _, found := strings.Cut(e.Error(), "=")
		if place := from.of(key); found && place != "" {
			e = fmt.Errorf("%s: %w", place, e)
		}
		placed = append(placed, e)
	}
	return errors.Join(placed...)
}

// zeros refuses what would be taken for auto.
func (o *Origins) zeros() (err error) {
	if o == nil {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(o.keys)) {
		if o.keys[key].zero {
			err = errors.Join(err, fmt.Errorf("%s=0: must be at least 1, or auto", key))
		}
	}
	return err
}

func (d *DataConfig) validate() error {
	if d.Path == "" {
		return errors.New(`data.path="": must name the table, a .csv, .csv.gz or .parquet file`)
	}
	if len(d.Columns) == 0 {
		return errors.New("data.columns=[]: must list every column of the table with its name and type")
	}
	if d.Target != "" && !slices.ContainsFunc(d.Columns, func(c tabular.Column) bool { return c.Name == d.Target }) {
		return fmt.Errorf("data.target=%q: must be the name of a declared column", d.Target)
	}
	return nil
}

func (r *RuntimeConfig) validate() error {
	var errs []error
	if _, _, err := ParseDevice(r.Device); err != nil {
		errs = append(errs, fmt.Errorf("runtime.device=%q: %w", r.Device, err))
	}
	if _, known := device.ParsePrecision(r.Precision); !known {
		errs = append(errs, fmt.Errorf("runtime.precision=%q: must be one of %s", r.Precision, strings.Join(device.PrecisionNames(), ", ")))
	}
	for _, v := range []struct {
		key   string
		value int
	}{
		{"threads", r.Threads}, {"max_physical_batch_size", r.MaxPhysicalBatchSize}, {"checkpoint_every", r.CheckpointEvery},
	} {
		if v.value < 0 {
			errs = append(errs, fmt.Errorf("runtime.%s=%d: must be at least 0", v.key, v.value))
		}
	}
	if r.Out == "" {
		errs = append(errs, errors.New(`runtime.out="": must name the folder that holds the runs`))
	}
	return errors.Join(errs...)
}
