package cpu

import (
	"errors"
	"fmt"
	"syscall"

	"golang.org/x/sys/cpu"
)

// Linux hands out the state of the tiles only on request, once a process
// (Documentation/arch/x86/xstate.rst). It refuses if the operating system does not
// save that state at all, so XCR0 need not be read.
const (
	requestState = 0x1023 // ARCH_REQ_XCOMP_PERM
	tileData     = 18     // XFEATURE_XTILEDATA
)

// allowAMX makes AMX with BF16 usable, or says why it is not. Calling it again is
// harmless.
func allowAMX() error {
	if x := &cpu.X86; !x.HasAMXTile || !x.HasAMXBF16 || !x.HasAVX512BF16 {
		return errors.New("this processor lacks AMX with BF16 (Intel has it from the fourth generation of Xeon on)")
	}
	if _, _, errno := syscall.RawSyscall(syscall.SYS_ARCH_PRCTL, requestState, tileData, 0); errno != 0 {
		return fmt.Errorf("this processor has AMX with BF16, but Linux refuses its tiles: %w (5.16 is the first to know them)", errno)
	}
	return nil
}
