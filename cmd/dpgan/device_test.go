package main

import (
	"testing"

	"github.com/dpgan/dpgan/configs"
	"github.com/dpgan/dpgan/device"
)

// The reference has one precision, and takes no other in silence.
func TestReferencePrecision(t *testing.T) {
	_, err := openDevice(configs.DeviceReference, 1, device.TensorFloat32, nil)
	if code := exitCode(err); code != exitUsage {
		t.Errorf("exit code %d, error %v", code, err)
	}
}
