//go:build !gpu

package main

import (
	"github.com/dpgan/dpgan/configs"
	"github.com/dpgan/dpgan/device"
)

// openCUDA says that this build has no CUDA.
func openCUDA(int, device.Precision) (device.Device, error) { return nil, errNoCUDA }

func lacksPrecision(error) bool { return false }

func lostDevice(error) bool { return false }

func cudaStatuses() []deviceStatus {
	return []deviceStatus{{Device: configs.DeviceCUDA, Reason: errNoCUDA.Error()}}
}
