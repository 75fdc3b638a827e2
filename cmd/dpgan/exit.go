package main

import (
	"context"
	"errors"

	"github.com/dpgan/dpgan"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/internal/atomicfile"
	"github.com/dpgan/dpgan/tabular"
)

// Exit codes of every command.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2   // usage, config or data error
	exitBudget      = 3   // budget unreachable or spent
	exitDevice      = 4   // device unavailable, or lost in the midst of its work
	exitInterrupted = 130 // 128 + SIGINT
)

// exitCodesHelp ends the help text of every command.
const exitCodesHelp = `
Exit status:
  0    success
  1    failure
  2    usage, config or data error
  3    privacy budget unreachable or spent
  4    device unavailable, or lost
  130  interrupted (train: the checkpoint is written)
`

// codedError says which exit code an error deserves where the error itself
// cannot: the same "no such file" is the user's slip for an input and a failure
// for an output.
type codedError struct {
	code int
	err  error
}

func (e *codedError) Error() string { return e.err.Error() }
func (e *codedError) Unwrap() error { return e.err }

// usageError marks err as the user's to fix: a flag, a config or the data.
func usageError(err error) error { return &codedError{exitUsage, err} }

// deviceError marks err as a device that is not there.
func deviceError(err error) error { return &codedError{exitDevice, err} }

// exitCode is the one place where errors become exit codes.
func exitCode(err error) int {
	var (
		coded *codedError
		data  *tabular.DataError
		rule  *tabular.RuleError
		place *atomicfile.CreateError
		usage *dpgan.UsageError
	)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, dpsgd.ErrBudget), errors.Is(err, accounting.ErrUnreachable):
		return exitBudget
	case errors.As(err, &coded):
		return coded.code
	case lostDevice(err):
		return exitDevice
	case errors.Is(err, gan.ErrData), errors.Is(err, gan.ErrMismatch), errors.Is(err, accounting.ErrLedger), errors.As(err, &data), errors.As(err, &rule), errors.Is(err, tabular.ErrRules), errors.As(err, &place), errors.As(err, &usage):
		return exitUsage
	default:
		return exitFailure
	}
}
