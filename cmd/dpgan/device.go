package main

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/nets"
	"github.com/dpgan/dpgan/gan/reference"
)

// The values of runtime.device and --device.
const (
	deviceAuto      = "auto"
	deviceCPU       = "cpu"
	deviceCUDA      = "cuda"      // the first GPU; cuda:1 is the second
	deviceReference = "reference" // the CPU, with the nets built in gorgonia
)

var deviceNames = []string{deviceAuto, deviceCPU, deviceCUDA, deviceReference}

const deviceHelp = "`device` that computes: auto, cpu, cuda, cuda:1, reference"

// parseDevice takes the number of a GPU off the name of a device: cuda:1 is cuda and 1.
// The error ends a sentence that begins with the name.
func parseDevice(name string) (kind string, ordinal int, err error) {
	kind, number, numbered := strings.Cut(name, ":")
	switch {
	case !slices.Contains(deviceNames, kind):
		return "", 0, fmt.Errorf("must be one of %s", strings.Join(deviceNames, ", "))
	case !numbered:
		return kind, 0, nil
	case kind != deviceCUDA:
		return "", 0, fmt.Errorf("only cuda takes a number: write %s", kind)
	}
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return "", 0, errors.New("what follows cuda: must be the number of a GPU, such as cuda:0; dpgan devices lists them")
	}
	return kind, int(n), nil
}

// openDevice opens the device called name, whose products of matrices are to be of
// precision. Only auto may fall back to the CPU, and says so; any other name gets
// that device or an error. No device computes in another precision than it was asked for.
func openDevice(name string, threads int, precision device.Precision, log *slog.Logger) (device.Device, error) {
	kind, ordinal, err := parseDevice(name)
	if err != nil {
		return nil, usageError(fmt.Errorf("device=%q: %w", name, err))
	}
	switch kind {
	case deviceCUDA:
		dev, err := openCUDA(ordinal, precision)
		if err != nil {
			return nil, deviceError(fmt.Errorf("device=%s: %w; --device cpu or auto needs no GPU", name, err))
		}
		return dev, nil
	case deviceAuto:
		dev, err := openCUDA(ordinal, precision)
		if err == nil {
			return dev, nil
		}
		if lacksPrecision(err) {
			return nil, deviceError(fmt.Errorf("device=auto: %w; --device cpu does not take the GPU", err))
		}
		log.Info("device auto falls back to the CPU", "cuda", err.Error())
	case deviceReference:
		if precision != device.SinglePrecision {
			return nil, usageError(fmt.Errorf("device=reference: precision=%v: the reference computes in float64; leave runtime.precision at %v", precision, device.SinglePrecision))
		}
	}
	return openCPU(threads, precision)
}

// openCPU opens the CPU with the given number of threads, 0 for all.
func openCPU(threads int, precision device.Precision) (device.Device, error) {
	dev, err := cpu.Open(threads, precision)
	if err != nil {
		return nil, deviceError(fmt.Errorf("device=cpu: %w", err))
	}
	return dev, nil
}

// errNoCUDA is why openCUDA fails in a build without the tag.
var errNoCUDA = errors.New("not available: built without -tags gpu")

// engineOf is what runs the nets: nil for the device's own operations.
func engineOf(name string) nets.EngineMaker {
	if name == deviceReference {
		return reference.NewEngine
	}
	return nil
}
