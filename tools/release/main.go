// Command release builds what a release consists of into a folder: for each platform an
// archive of the static binary, the licence, the README and the configurations, and a
// CycloneDX list of the modules in the binary; and the SHA-256 sums of all. The same
// commit, built by the same Go, gives the same bytes. Run it by make release.
package main

import (
	"debug/buildinfo"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

func main() {
	out := flag.String("out", "dist", "`folder` to write, which is emptied before")
	flag.Parse()
	if err := release(*out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// release writes to out the files of all platforms, each os/arch.
func release(out string, platforms []string) error {
	work, err := os.MkdirTemp("", "release")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work) //nolint:errcheck // of no consequence
	stamp, err := cleanCommit()
	if err != nil {
		return err
	}
	if err := errors.Join(os.RemoveAll(out), os.MkdirAll(out, 0o755)); err != nil {
		return err
	}
	for _, platform := range platforms {
		system, arch, ok := strings.Cut(platform, "/")
		if !ok {
			return fmt.Errorf("platform %q: want os/arch", platform)
		}
		binary := filepath.Join(work, platform, "dpgan")
		if system == "windows" {
			binary += ".exe"
		}
		if err := build(binary, system, arch); err != nil {
			return err
		}
		version, err := versionOf(binary)
		if err != nil {
			return err
		}
		name := filepath.Join(out, fmt.Sprintf("dpgan_%s_%s_%s", version, system, arch))
		fmt.Println(name)
		if err := errors.Join(archive(name, system, binary, stamp), materials(name+".cdx.json", binary)); err != nil {
			return err
		}
	}
	return writeSums(out)
}

// build compiles the command for a platform, and for any processor of it, whatever the
// environment asks for.
func build(binary, system, arch string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=true", "-ldflags=-s -w", "-o", binary, "./cmd/dpgan")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOOS="+system, "GOARCH="+arch, "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=")
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// versionOf is the version that is stamped into a binary.
func versionOf(binary string) (string, error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return "", err
	}
	version := info.Main.Version
	if version == "(devel)" || strings.Contains(version, "+dirty") {
		return "", fmt.Errorf("version %s: go stamps that of a commit in a clean clone alone, not in a git worktree", version)
	}
	return version, nil
}

// cleanCommit is when the commit was made, the time of all files in archives, if nothing
// has changed since.
func cleanCommit() (time.Time, error) {
	changes, err := output("git", "status", "--porcelain")
	if err != nil {
		return time.Time{}, err
	}
	if changes != "" {
		return time.Time{}, fmt.Errorf("changes that are not committed:\n%s", changes)
	}
	text, err := output("git", "log", "-1", "--format=%ct")
	if err != nil {
		return time.Time{}, err
	}
	seconds, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	return time.Unix(seconds, 0).UTC(), err
}

// output is what a command prints; its error holds what it prints to stderr.
func output(name string, args ...string) (string, error) {
	var failure strings.Builder
	cmd := exec.Command(name, args...)
	cmd.Stderr = &failure
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, args[0], err, &failure)
	}
	return string(out), nil
}
