package main

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/gan/reference"
)

// The values of runtime.device and --device.
const (
	deviceAuto      = "auto"
	deviceCPU       = "cpu"
	deviceCUDA      = "cuda"
	deviceReference = "reference" // the CPU, with the nets built in gorgonia
)

var deviceNames = []string{deviceAuto, deviceCPU, deviceCUDA, deviceReference}

func knownDevice(name string) bool { return slices.Contains(deviceNames, name) }

const deviceHelp = "`device` that computes: auto, cpu, cuda, reference"

// openDevice opens the device called name. Only auto may fall back to the CPU,
// and says so; any other name gets that device or an error.
func openDevice(name string, threads int, log *slog.Logger) (device.Device, error) {
	switch name {
	case deviceCPU, deviceReference:
		return cpu.New(threads), nil
	case deviceCUDA:
		dev, err := openCUDA()
		if err != nil {
			return nil, deviceError(fmt.Errorf("device=cuda: %w; --device cpu or auto needs no GPU", err))
		}
		return dev, nil
	case deviceAuto:
		dev, err := openCUDA()
		if err == nil {
			return dev, nil
		}
		log.Info("device auto falls back to the CPU", "cuda", err.Error())
		return cpu.New(threads), nil
	}
	return nil, usageError(fmt.Errorf("device=%q: must be one of %s", name, strings.Join(deviceNames, ", ")))
}

// errNoCUDA is why openCUDA fails in a build without the tag.
var errNoCUDA = errors.New("not available: built without -tags gpu")

// engineOf is what runs the nets: nil for the device's own operations.
func engineOf(name string) gan.EngineMaker {
	if name == deviceReference {
		return reference.NewEngine
	}
	return nil
}
