package cpu

import (
	"runtime/debug"

	"github.com/dpgan/dpgan/device"
)

// memory counts what buffers take: the operating system promises more than it has,
// and ends the process that believes it.
type memory struct {
	taken int64
	had   int64 // the most that was free, what is taken included
}

// largeBuffer is from how many bytes on the operating system is asked.
const largeBuffer = 16 << 20

// take takes bytes, or says what is free.
func (m *memory) take(bytes int64) error {
	if bytes >= largeBuffer {
		free, known := m.free()
		if known && bytes > free {
			debug.FreeOSMemory() // released buffers are the collector's until it has run
			free, _ = m.free()
		}
		if known && bytes > free {
			return &device.MemoryError{Requested: bytes, Free: free}
		}
	}
	m.taken += bytes
	return nil
}

// free is what may be taken. Pages that were never written still count as free to the
// operating system, so what was free before counts too.
func (m *memory) free() (bytes int64, known bool) {
	now, known := freeMemory()
	if m.had == 0 {
		m.had = now + m.taken
	}
	m.had = max(m.had, now)
	return max(min(now, m.had-m.taken), 0), known
}

func (m *memory) give(bytes int64) { m.taken -= bytes }
