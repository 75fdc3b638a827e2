package bench

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// unknownMemory is what cases may take where the system does not say what is free.
const unknownMemory = 4 << 30

// availableMemory is what a new program can take without swapping, in bytes:
// MemAvailable of Linux (proc(5)), unknownMemory elsewhere.
func availableMemory() int64 {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return unknownMemory
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var kib int64
		if rest, found := strings.CutPrefix(lines.Text(), "MemAvailable:"); found {
			if _, err := fmt.Sscan(rest, &kib); err == nil {
				return kib << 10
			}
		}
	}
	return unknownMemory
}

// fits skips a case that would take more than three quarters of the memory that
// is free: the rest is for the others on the machine.
func fits(bytes int64) error {
	if free := availableMemory() / 4 * 3; bytes > free {
		return skipped("needs %.3g GiB of memory, of which %.3g GiB may be taken", gib(bytes), gib(free))
	}
	return nil
}

func gib(bytes int64) float64 { return float64(bytes) / (1 << 30) }
