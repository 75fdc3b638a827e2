package main

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// kernel is the name of a kernel and its parameters in C++.
type kernel struct {
	name       string
	parameters []parameter
}

// parameter is one of a kernel's: const float* x.
type parameter struct {
	name, of          string // of what it is, or points to
	pointer, constant bool
}

// String is the signature on one line.
func (k kernel) String() string {
	var all []string
	for _, p := range k.parameters {
		all = append(all, p.String())
	}
	return fmt.Sprintf("void %s(%s)", k.name, strings.Join(all, ", "))
}

func (p parameter) String() string {
	text := p.of + " " + p.name
	if p.pointer {
		text = p.of + "* " + p.name
	}
	if p.constant {
		text = "const " + text
	}
	return text
}

var (
	// What KERNEL is in C++, and the comments that generate writes.
	inSource  = regexp.MustCompile(`__attribute__\(\(global\)\)[^{;]*? void (\w+)\(([^)]*)\)`)
	inComment = regexp.MustCompile(`(?m)^// void (\w+)\(([^)]*)\)$`)

	declaration = regexp.MustCompile(`^(const )?(\w+) ?(\*)? ?(\w+)$`)
)

// parseSource finds the kernels in preprocessed C++, parseComments those in generated Go.
func parseSource(text string) ([]kernel, error)   { return parse(inSource, text) }
func parseComments(text string) ([]kernel, error) { return parse(inComment, text) }

// same stands for the parameters of the kernel above, in comments.
const same = "…"

// variant is the end of a kernel's name that is one of several of the same parameters.
var variant = regexp.MustCompile(`_(tf32_)?\d+$`)

// base is the name without its variant.
func (k kernel) base() string { return variant.ReplaceAllString(k.name, "") }

// parse returns the kernels in the order of their names, variants together.
func parse(signature *regexp.Regexp, text string) ([]kernel, error) {
	var kernels []kernel
	for _, found := range signature.FindAllStringSubmatch(text, -1) {
		k := kernel{name: found[1]}
		if n := len(kernels); found[2] == same && n > 0 {
			k.parameters = kernels[n-1].parameters
		} else if err := k.declare(found[2]); err != nil {
			return nil, fmt.Errorf("kernel %s: %w", k.name, err)
		}
		kernels = append(kernels, k)
	}
	if len(kernels) == 0 {
		return nil, errors.New("no kernels: is this what make kernels gives?")
	}
	slices.SortFunc(kernels, func(a, b kernel) int {
		return cmp.Or(strings.Compare(a.base(), b.base()), strings.Compare(a.name, b.name))
	})
	return kernels, nil
}

// declare reads the parameters.
func (k *kernel) declare(list string) error {
	parts := strings.Split(list, ",")
	for i, part := range parts {
		words := strings.Join(strings.Fields(part), " ")
		d := declaration.FindStringSubmatch(words)
		if d == nil {
			return fmt.Errorf("%q: is no parameter that a launch can be given", words)
		}
		p := parameter{constant: d[1] != "", of: d[2], pointer: d[3] != "", name: d[4]}
		if _, known := scalars[p.of]; !p.pointer && !known && i < len(parts)-1 {
			return fmt.Errorf("%s: a struct must be the last parameter", p)
		}
		k.parameters = append(k.parameters, p)
	}
	return nil
}
