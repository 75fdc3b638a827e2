package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"
)

// streams are where a command reads nothing from and writes everything to.
// Results go to out; the log, the bar and errors go to err.
type streams struct {
	out, err io.Writer
	// terminal tells that err is a terminal, so that a bar makes sense.
	terminal bool
	// outTerminal tells that out is a terminal.
	outTerminal bool
	log         *slog.Logger
}

func standardStreams() *streams {
	return &streams{
		out: os.Stdout, err: os.Stderr,
		terminal:    term.IsTerminal(int(os.Stderr.Fd())),
		outTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		log:         slog.New(slog.DiscardHandler), // until --log-level is parsed
	}
}

// json writes v as one line on out.
func (s *streams) json(v any) error {
	if err := json.NewEncoder(s.out).Encode(v); err != nil {
		return fmt.Errorf("stdout: %w", err)
	}
	return nil
}

// print writes a result on out. A result that did not arrive, on a full disk
// or a closed pipe, is a failure.
func (s *streams) print(format string, args ...any) error {
	if _, err := fmt.Fprintf(s.out, format, args...); err != nil {
		return fmt.Errorf("stdout: %w", err)
	}
	return nil
}
