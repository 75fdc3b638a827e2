//go:build gpu

package libcublas

// #cgo LDFLAGS: -ldl
// #include <stdlib.h>
// #include "libcublas.h"
import "C"

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"unsafe"
)

// Variable names the environment variable that says where libcublas lies, or "auto":
// in one of the usual places. Unset, or "off", no library is looked for: until it has
// been measured on a GPU, whoever wants it asks for it.
const Variable = "DPGAN_LIBCUBLAS"

// places is where libcublas may lie: on the loader's path, or where the toolkit and
// distributions put it. That of CUDA 12 runs with newer drivers too, so it comes first.
var places = []string{
	"libcublas.so.12",
	"libcublas.so.13",
	"/usr/local/cuda/lib64/libcublas.so.12",
	"/usr/local/cuda/lib64/libcublas.so.13",
	"/usr/lib/x86_64-linux-gnu/libcublas.so.12",
	"/usr/lib/x86_64-linux-gnu/libcublas.so.13",
	"/usr/lib64/libcublas.so.12",
	"/usr/lib64/libcublas.so.13",
}

// ErrOff tells that nobody asked for cuBLAS.
var ErrOff = errors.New("libcublas: off: set " + Variable + "=auto to try it")

// The entry points are the process's, so loading is too.
var (
	loading sync.Mutex
	loaded  bool
)

// Load loads the library, once for the whole process. The error says where it was
// looked for.
func Load() error {
	loading.Lock()
	defer loading.Unlock()
	look, set := places, os.Getenv(Variable)
	if set == "" || set == "off" {
		return ErrOff
	}
	if loaded {
		return nil
	}
	if set != "auto" {
		look = []string{set}
	}
	var missing []string
	for _, path := range look {
		reason := open(path)
		if reason == "" {
			loaded = true
			return nil
		}
		missing = append(missing, reason)
	}
	if set != "auto" {
		return fmt.Errorf("libcublas: %s=%s: cannot be loaded: %s", Variable, set, missing[0])
	}
	return fmt.Errorf("libcublas: %s; install CUDA's libraries, or set %s to the path of libcublas.so (also looked in %s)",
		missing[0], Variable, strings.Join(look[1:], ", "))
}

func open(path string) (reason string) {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	if failed := C.dpgan_cublas_load(name); failed != nil {
		return C.GoString(failed)
	}
	return ""
}
