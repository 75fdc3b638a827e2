package configs

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The values of runtime.device.
const (
	DeviceAuto      = "auto"
	DeviceCPU       = "cpu"
	DeviceCUDA      = "cuda"      // the first GPU; cuda:1 is the second
	DeviceReference = "reference" // the CPU, with the nets built in gorgonia
)

var deviceNames = []string{DeviceAuto, DeviceCPU, DeviceCUDA, DeviceReference}

// ParseDevice takes the number of a GPU off the name of a device: cuda:1 is cuda and 1.
// The error ends a sentence that begins with the name.
func ParseDevice(name string) (kind string, ordinal int, err error) {
	kind, number, numbered := strings.Cut(name, ":")
	switch {
	case !slices.Contains(deviceNames, kind):
		return "", 0, fmt.Errorf("must be one of %s", strings.Join(deviceNames, ", "))
	case !numbered:
		return kind, 0, nil
	case kind != DeviceCUDA:
		return "", 0, fmt.Errorf("only cuda takes a number: write %s", kind)
	}
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return "", 0, errors.New("what follows cuda: must be the number of a GPU, such as cuda:0; dpgan devices lists them")
	}
	return kind, int(n), nil
}
