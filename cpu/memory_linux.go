package cpu

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// freeMemory is what the machine can give without ending a process, in bytes:
// MemAvailable and SwapFree (proc(5)).
func freeMemory() (bytes int64, known bool) {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0, false
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, rest, _ := strings.Cut(lines.Text(), ":")
		if name != "MemAvailable" && name != "SwapFree" {
			continue
		}
		var kib int64
		if _, err := fmt.Sscan(rest, &kib); err == nil {
			bytes += kib << 10
			known = known || name == "MemAvailable"
		}
	}
	return bytes, known
}
