//go:build gpu

package libcuda

// #cgo LDFLAGS: -L${SRCDIR}/lib -ldl
// #include <stdlib.h>
// #include "libcuda.h"
import "C"

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"unsafe"
)

// Variable names the environment variable that says where libcuda lies.
const Variable = "DPGAN_LIBCUDA"

// places is where libcuda may lie: on the loader's path, or where containers,
// distributions and WSL put it.
var places = []string{
	"libcuda.so.1",
	"/usr/lib/x86_64-linux-gnu/libcuda.so.1",
	"/usr/lib64/libcuda.so.1",
	"/usr/local/nvidia/lib64/libcuda.so.1",
	"/usr/lib/wsl/lib/libcuda.so.1",
	"/run/opengl-driver/lib/libcuda.so.1",
}

// The entry points are the process's, so loading is too.
var (
	loading sync.Mutex
	loaded  bool
)

// Load loads the driver and calls its cuInit, once for the whole process. The
// error says where it was looked for, or why the driver refused.
func Load() error {
	loading.Lock()
	defer loading.Unlock()
	if loaded {
		return nil
	}
	look := places
	if path := os.Getenv(Variable); path != "" {
		look = []string{path}
	}
	var missing []string
	for _, path := range look {
		code, err := open(path)
		if err == nil {
			loaded = true
			return nil
		}
		if code != 0 {
			return fmt.Errorf("libcuda: %s: %w: %s", path, err, explain(code))
		}
		missing = append(missing, err.Error())
	}
	if len(look) == 1 {
		return fmt.Errorf("libcuda: %s=%s: cannot be loaded: %s", Variable, look[0], missing[0])
	}
	return fmt.Errorf("libcuda: no NVIDIA driver: %s; install one, or set %s to the path of libcuda.so.1 (also looked in %s)",
		missing[0], Variable, strings.Join(look[1:], ", "))
}

func open(path string) (code int, err error) {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	var result C.int
	if reason := C.dpgan_load(name, &result); reason != nil {
		return int(result), fmt.Errorf("%s", C.GoString(reason))
	}
	return 0, nil
}

// explain says what to do about a code of cuInit.
func explain(code int) string {
	switch code {
	case 34: // CUDA_ERROR_STUB_LIBRARY
		return "this is the toolkit's stub, not a driver: point " + Variable + " to the driver's libcuda.so.1"
	case 100: // CUDA_ERROR_NO_DEVICE
		return "the driver sees no GPU: check nvidia-smi and CUDA_VISIBLE_DEVICES"
	case 803, 804: // SYSTEM_DRIVER_MISMATCH, COMPAT_NOT_SUPPORTED_ON_DEVICE
		return fmt.Sprintf("code %d: libcuda and the kernel module are of different versions: reboot, or reinstall the driver", code)
	default:
		return fmt.Sprintf("code %d: check nvidia-smi and the kernel log", code)
	}
}
