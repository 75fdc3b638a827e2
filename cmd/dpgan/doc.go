// Command dpgan trains a generator of synthetic tables under (ε, δ)-differential
// privacy, samples from it, and answers questions of privacy accounting.
//
// This package is the only home of the command line, the config loader, the
// progress bar and the exit codes. It must not know how a step is taken, how a
// row is encoded or how ε is computed: it wires tabular, gan, dpsgd and the
// devices together and reports what they say. Each command is one file cmd_x.go:
// an XOptions, newXCommand, and runX(ctx, options, streams), which tests call.
package main
