// Package check collects what is wrong with the values of a configuration, so that all of
// it is reported at once.
package check

import (
	"errors"
	"fmt"
)

// Values are values that were checked.
type Values struct{ faults []error }

// Must reports key=value with the fix unless ok.
func (v *Values) Must(ok bool, key string, value any, fix string) {
	if !ok {
		v.faults = append(v.faults, fmt.Errorf("%s=%v: %s", key, value, fix))
	}
}

// Err joins the faults; nil if there are none.
func (v *Values) Err() error { return errors.Join(v.faults...) }
