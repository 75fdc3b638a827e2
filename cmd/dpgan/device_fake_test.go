//go:build gpu && fake

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestFakeGPU runs testdata/fake/*.txtar on the fake driver, which DPGAN_LIBCUDA
// must name; env DPGAN_FAKE=... makes it another machine.
func TestFakeGPU(t *testing.T) {
	driver, err := filepath.Abs(os.Getenv("DPGAN_LIBCUDA"))
	if err != nil || os.Getenv("DPGAN_LIBCUDA") == "" {
		t.Fatal("DPGAN_LIBCUDA is not set: run make test-kernels")
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/fake",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		Setup: func(e *testscript.Env) error {
			e.Setenv("DPGAN_LIBCUDA", driver)
			return nil
		},
	})
}
