package main

import (
	"errors"
	"strconv"
)

// optionalUint is a flag whose absence differs from 0.
type optionalUint struct{ to **uint64 }

func newOptionalUint(to **uint64) *optionalUint { return &optionalUint{to} }

func (o *optionalUint) Set(text string) error {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return errors.New("must be a whole number from 0 to 18446744073709551615")
	}
	*o.to = &n
	return nil
}

func (o *optionalUint) String() string {
	if o.to == nil || *o.to == nil {
		return ""
	}
	return strconv.FormatUint(**o.to, 10)
}

func (o *optionalUint) Type() string { return "N" }
