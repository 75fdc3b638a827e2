//go:build !linux

package cpu

import "testing"

// fenced is plain memory: only Linux has the fence.
func fenced[T float32 | float64 | int32 | uint8 | uint32 | uint64](_ *testing.T, n int) []T {
	return make([]T, n)
}
