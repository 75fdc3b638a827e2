//go:build gpu

package main

import (
	"errors"

	"github.com/dpgan/dpgan/configs"
	"github.com/dpgan/dpgan/cuda"
	"github.com/dpgan/dpgan/cuda/libcublas"
	"github.com/dpgan/dpgan/device"
)

// openCUDA opens an NVIDIA GPU, or says why it cannot.
func openCUDA(ordinal int, precision device.Precision) (device.Device, error) {
	dev, err := cuda.Open(ordinal, precision)
	if err != nil {
		return nil, err // not a nil *cuda.Device, which would be a device
	}
	// Who asks for cuBLAS gets it, or hears why not.
	if err := dev.Library(); err != nil && !errors.Is(err, libcublas.ErrOff) {
		return nil, errors.Join(err, dev.Close())
	}
	return dev, nil
}

// lacksPrecision tells that there is a GPU, but without the precision asked for.
func lacksPrecision(err error) bool { return errors.Is(err, cuda.ErrPrecision) }

// lostDevice tells that a GPU failed in the midst of its work.
func lostDevice(err error) bool { return errors.Is(err, cuda.ErrLost) }

// cudaStatuses describes every GPU that the driver shows.
func cudaStatuses() []deviceStatus {
	gpus, err := cuda.GPUs()
	if err != nil {
		return []deviceStatus{{Device: configs.DeviceCUDA, Reason: err.Error()}}
	}
	var statuses []deviceStatus
	for _, g := range gpus {
		statuses = append(statuses, cudaStatus(g))
	}
	return statuses
}

// cudaStatus finds out whether a GPU works by opening it.
func cudaStatus(g cuda.GPU) deviceStatus {
	status := deviceStatus{Device: g.ID(), Name: g.Name, Memory: g.Memory, Capability: g.Capability.String()}
	dev, err := cuda.Open(g.Ordinal, device.SinglePrecision)
	if err != nil {
		status.Reason = err.Error()
		return status
	}
	defer func() { _ = dev.Close() }()
	status.Available = true
	if dev.Library() == nil {
		status.Features = []string{"cuBLAS"}
	}
	return status
}
