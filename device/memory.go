package device

import (
	"fmt"
	"strconv"
)

// MemoryError tells that a device has not got the memory it was asked for.
type MemoryError struct {
	Requested int64 // bytes
	Free      int64 // bytes; -1 if nobody knows
}

func (e *MemoryError) Error() string {
	if e.Free < 0 {
		return fmt.Sprintf("no memory for %s bytes", grouped(e.Requested))
	}
	return fmt.Sprintf("no memory for %s bytes: %s are free", grouped(e.Requested), grouped(e.Free))
}

// grouped writes a number with a comma between thousands.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}
