// Package check collects what is wrong with the values of a configuration, so that all of
// it is reported at once.
package check

import (
	"errors"
	"fmt"
)

// Values are values that were checked. Prefix stands before each key, such as "privacy.".
type Values struct {
	Prefix string
	faults []error
}

// Must reports key=value with the fix unless ok.
func (v *Values) Must(ok bool, key string, value any, fix string) {
	if !ok {
		v.Add(fmt.Errorf("%s%s=%v: %s", v.Prefix, key, value, fix))
	}
}

// Add reports an error that was found elsewhere; nil is none.
func (v *Values) Add(err error) { v.faults = append(v.faults, err) }

// Err joins the faults; nil if there are none.
func (v *Values) Err() error { return errors.Join(v.faults...) }
