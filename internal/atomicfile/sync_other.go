//go:build !unix

package atomicfile

// syncFolder does nothing: Windows keeps file names durable by itself.
func syncFolder(string) error { return nil }
