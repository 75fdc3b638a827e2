package main

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/dpgan/dpgan/configs"
	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/gan/nets"
	"github.com/dpgan/dpgan/gan/reference"
	"github.com/dpgan/dpgan/tabular"
)

const deviceHelp = "`device` that computes: auto, cpu, cuda, cuda:1, reference"

// openDevice opens the device called name, whose products of matrices are to be of
// precision. Only auto may fall back to the CPU, and says so; any other name gets
// that device or an error. No device computes in another precision than it was asked for.
func openDevice(name string, threads int, precision device.Precision, log *slog.Logger) (device.Device, error) {
	kind, ordinal, err := configs.ParseDevice(name)
	if err != nil {
		return nil, usageError(fmt.Errorf("device=%q: %w", name, err))
	}
	switch kind {
	case configs.DeviceCUDA:
		dev, err := openCUDA(ordinal, precision)
		if err != nil {
			return nil, deviceError(fmt.Errorf("device=%s: %w; --device cpu or auto needs no GPU", name, err))
		}
		return dev, nil
	case configs.DeviceAuto:
		dev, err := openCUDA(ordinal, precision)
		if err == nil {
			return dev, nil
		}
		if lacksPrecision(err) {
			return nil, deviceError(fmt.Errorf("device=auto: %w; --device cpu does not take the GPU", err))
		}
		log.Info("device auto falls back to the CPU", "cuda", err.Error())
	case configs.DeviceReference:
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
	if name == configs.DeviceReference {
		return reference.NewEngine
	}
	return nil
}

// settingsOf are config's settings with the engine of its device.
func settingsOf(config *configs.Config, domain *tabular.Domain) gan.Settings {
	settings := config.Settings(domain)
	settings.Engine = engineOf(config.Runtime.Device)
	return settings
}

// openRuntime opens the device that computes the run of a validated config.
func openRuntime(r configs.RuntimeConfig, log *slog.Logger) (device.Device, error) {
	precision, _ := device.ParsePrecision(r.Precision)
	return openDevice(r.Device, r.Threads, precision, log)
}
