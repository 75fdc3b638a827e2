package main

import (
	"io"
	"log/slog"
)

// testStreams are streams without a terminal.
func testStreams(out, err io.Writer) *streams {
	return &streams{out: out, err: err, log: slog.New(slog.DiscardHandler)}
}
