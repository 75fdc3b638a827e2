// Gen writes, for each kernel, the Go function that launches it, with a parameter of
// its own type for each of the kernel's: a wrong argument does not compile. make kernels
// runs it.
//
// It reads the kernels' signatures in C++, as the preprocessor leaves them, from
// standard input, and compares them with the parameters in the PTX files that it is
// given. Each function has its kernel's signature as a comment, so that what was
// written can be checked without the compiler.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Stdin, os.Stdout, os.Args[1:]); err != nil {
		panic(err)
	}
}

func run(in io.Reader, out io.Writer, images []string) error {
	source, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	kernels, err := parseSource(string(source))
	if err != nil {
		return err
	}
	var wrong []error
	for _, name := range images {
		ptx, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, err := range compare(kernels, parsePTX(string(ptx))) {
			wrong = append(wrong, fmt.Errorf("%s: %w", name, err))
		}
	}
	if len(wrong) > 0 {
		return errors.Join(wrong...)
	}
	text, err := generate(kernels)
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	return err
}
