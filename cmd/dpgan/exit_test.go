package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/internal/atomicfile"
	"github.com/dpgan/dpgan/internal/runfolder"
	"github.com/dpgan/dpgan/tabular"
	"github.com/spf13/cobra"
)

func TestExitCode(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want int
	}{
		{nil, exitOK},
		{errors.New("x"), exitFailure},
		{usageError(errors.New("x")), exitUsage},
		{fmt.Errorf("wrapped: %w", usageError(errors.New("x"))), exitUsage},
		{fmt.Errorf("wrapped: %w", &tabular.DataError{Reason: "x"}), exitUsage},
		{fmt.Errorf("tabular: %w", &atomicfile.CreateError{Path: "x", Err: errors.New("x")}), exitUsage},
		{fmt.Errorf("gan: %w: x", gan.ErrData), exitUsage},
		{fmt.Errorf("gan: %w: x", gan.ErrMismatch), exitUsage},
		{fmt.Errorf("gan: %w: x", dpsgd.ErrBudget), exitBudget},
		{fmt.Errorf("gan: %w: x", accounting.ErrUnreachable), exitBudget},
		{deviceError(errors.New("x")), exitDevice},
		{fmt.Errorf("x (%w)", context.Canceled), exitInterrupted},
	} {
		if got := exitCode(tt.err); got != tt.want {
			t.Errorf("exitCode(%v) = %d, want %d", tt.err, got, tt.want)
		}
	}
}

func TestInterruptionWithoutCheckpointIsFailure(t *testing.T) {
	folder := runfolder.Folder(t.TempDir())
	cancelled := fmt.Errorf("gan: interrupted: %w", context.Canceled)
	if got := exitCode(resumeHint(folder, cancelled)); got != exitInterrupted {
		t.Errorf("interrupted: exit code = %d, want %d", got, exitInterrupted)
	}
	err := resumeHint(folder, errors.Join(cancelled, nil, errors.New("no space left on device")))
	if got := exitCode(err); got != exitFailure || !strings.Contains(err.Error(), "no space") {
		t.Errorf("checkpoint not written: %v (exit code %d), want the failure (%d)", err, got, exitFailure)
	}
}

func TestEveryHelpListsTheExitCodes(t *testing.T) {
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		var out strings.Builder
		args := append(strings.Fields(cmd.CommandPath())[1:], "--help")
		if code := run(t.Context(), args, testStreams(&out, &out)); code != exitOK {
			t.Errorf("%s --help: exit code %d", cmd.CommandPath(), code)
		}
		if !strings.Contains(out.String(), exitCodesHelp) {
			t.Errorf("%s --help does not list the exit codes:\n%s", cmd.CommandPath(), out.String())
		}
		for _, child := range cmd.Commands() {
			visit(child)
		}
	}
	visit(newRootCommand(testStreams(&strings.Builder{}, &strings.Builder{})))
}
