//go:build !gpu

package main

import "github.com/dpgan/dpgan/device"

// openCUDA says that this build has no CUDA.
func openCUDA() (device.Device, error) { return nil, errNoCUDA }
