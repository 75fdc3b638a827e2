package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// The parameters of a kernel in PTX: .param .u64 name, or .param .align 8 .b8 name[384].
var (
	entry = regexp.MustCompile(`\.entry (\w+)\(([^)]*)\)`)
	param = regexp.MustCompile(`\.param (?:\.align \d+ )?\.(\w+) `)
)

// parsePTX is what each kernel's parameters are in PTX: u64, f32, or b8 for a struct.
func parsePTX(image string) map[string][]string {
	kernels := map[string][]string{}
	for _, found := range entry.FindAllStringSubmatch(image, -1) {
		kernels[found[1]] = nil
		for _, p := range param.FindAllStringSubmatch(found[2], -1) {
			kernels[found[1]] = append(kernels[found[1]], p[1])
		}
	}
	return kernels
}

// compare tells where kernels and those of PTX are not the same. PTX without tensor
// cores lacks the kernels that take them.
func compare(kernels []kernel, ptx map[string][]string) (wrong []error) {
	known := map[string]bool{}
	for _, k := range kernels {
		known[k.name] = true
		got, compiled := ptx[k.name]
		switch {
		case !compiled && !strings.Contains(k.name, "_tf32_"):
			wrong = append(wrong, fmt.Errorf("kernel %s: not in the PTX", k.name))
		case compiled && len(got) != len(k.parameters):
			wrong = append(wrong, fmt.Errorf("kernel %s: %d parameters, in the PTX %d", k.name, len(k.parameters), len(got)))
		case compiled:
			for i, p := range k.parameters {
				if want := p.inPTX(); got[i] != want {
					wrong = append(wrong, fmt.Errorf("kernel %s: %s: is .%s, in the PTX .%s", k.name, p, want, got[i]))
				}
			}
		}
	}
	for name := range ptx {
		if !known[name] {
			wrong = append(wrong, fmt.Errorf("kernel %s: in the PTX alone", name))
		}
	}
	if len(ptx) == 0 {
		wrong = append(wrong, errors.New("no kernels in the PTX"))
	}
	return wrong
}

// inPTX is the type of a parameter in PTX.
func (p parameter) inPTX() string {
	if p.pointer {
		return "u64"
	}
	if s, known := scalars[p.of]; known {
		return s.ptx
	}
	return "b8"
}
