package bench

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"github.com/dpgan/dpgan/device"
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

// largest says, for the end of a sentence, which batch of w would fit into so many
// bytes of dev, or nothing if that cannot be told. Buffers grow linearly with the batch.
func (w work) largest(dev device.Device, bytes int64) string {
	if w.at == nil {
		return ""
	}
	var taken [2]int64
	for i := range taken {
		scope := device.NewScope(dev)
		a := allocator{meter: &meter{Device: scope}}
		_, err := w.at(i + 1).build(a)
		taken[i] = a.bytes
		scope.Release()
		if err != nil {
			return ""
		}
	}
	row := taken[1] - taken[0]
	if row <= 0 || bytes < taken[0] {
		return ""
	}
	return fmt.Sprintf("; the largest batch that fits is about %d", 1+(bytes-taken[0])/row)
}
