//go:build gpu

package main

import (
	"github.com/dpgan/dpgan/cuda"
	"github.com/dpgan/dpgan/device"
)

// openCUDA opens the first NVIDIA GPU, or says why it cannot.
func openCUDA() (device.Device, error) {
	dev, err := cuda.Open(0)
	if err != nil {
		return nil, err // not a nil *cuda.Device, which would be a device
	}
	return dev, nil
}
