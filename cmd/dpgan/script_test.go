package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/device"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"dpgan": main})
}

// TestScripts runs testdata/script/*.txtar. Beside testscript's own commands
// they know
//
//	exits CODE dpgan ARG...
//
// which runs dpgan and wants that exit code,
//
//	truncate FILE HALF
//
// which copies the first half of a file, and
//
//	unhex FILE BINARY
//
// which turns hexadecimal text into the bytes it stands for. The condition
// [gpu] holds in a build that has CUDA.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "truncate": truncate, "unhex": unhex},
		Condition: func(name string) (bool, error) {
			if name == "gpu" {
				return hasCUDA(), nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
	})
}

func truncate(ts *testscript.TestScript, _ bool, args []string) {
	whole := ts.ReadFile(args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(whole[:len(whole)/2]), 0o600))
}

func unhex(ts *testscript.TestScript, _ bool, args []string) {
	data, err := hex.DecodeString(strings.TrimSpace(ts.ReadFile(args[0])))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), data, 0o600))
}

// hasCUDA tells that this build can look for a GPU, whether there is one or not.
func hasCUDA() bool {
	_, err := openCUDA(0, device.SinglePrecision)
	return !errors.Is(err, errNoCUDA)
}

func exits(ts *testscript.TestScript, negated bool, args []string) {
	if negated || len(args) < 2 {
		ts.Fatalf("usage: exits CODE command [args...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}
