package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks for a checkpoint, the second one kills.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], standardStreams()))
}

// run executes one command line and reports its error, one line a problem.
func run(ctx context.Context, args []string, s *streams) int {
	root := newRootCommand(s)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	code := exitCode(err)
	if err != nil {
		report(s, err, code, slices.Contains(args, "--json") || slices.Contains(args, "--json=true"))
	}
	return code
}

// report prints err on s.err: as `dpgan: <what>`, or as one JSON line.
func report(s *streams, err error, code int, asJSON bool) {
	var lines []string
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	if asJSON {
		_ = json.NewEncoder(s.err).Encode(exitError{"exit_error", code, strings.Join(lines, "\n")})
		return
	}
	for _, line := range lines {
		_, _ = fmt.Fprintf(s.err, "dpgan: %s\n", line)
	}
}

// exitError is the error line of --json.
type exitError struct {
	MessageType string `json:"message_type"`
	Code        int    `json:"code"`
	Message     string `json:"message"`
}
