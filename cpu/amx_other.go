//go:build !(linux && amd64)

package cpu

import (
	"fmt"
	"runtime"
)

// allowAMX fails: elsewhere the operating system is not asked for the tiles.
func allowAMX() error {
	return fmt.Errorf("AMX with BF16 is used on linux/amd64 only, this is %s/%s", runtime.GOOS, runtime.GOARCH)
}
