//go:build !linux

package cpu

// freeMemory is not known.
func freeMemory() (bytes int64, known bool) { return 0, false }
