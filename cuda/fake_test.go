//go:build gpu && fake

package cuda_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/cuda"
	"github.com/dpgan/dpgan/device"
)

// TestMachines opens GPUs of other machines, each in a process of its own, since a
// process loads one driver. DPGAN_LIBCUDA must name the fake.
func TestMachines(t *testing.T) {
	if os.Getenv("DPGAN_LIBCUDA") == "" {
		t.Fatal("DPGAN_LIBCUDA is not set: run make test-kernels")
	}
	for _, test := range []struct{ name, fake, libcuda, want string }{
		{"no driver", "", "/nowhere/libcuda.so.1", "DPGAN_LIBCUDA=/nowhere/libcuda.so.1: cannot be loaded"},
		{"no driver library", "", "/dev/null", "DPGAN_LIBCUDA=/dev/null: cannot be loaded"},
		{"another library", "", "libm.so.6", "it has no cuInit"},
		{"failing driver", "init=999", "", "cuInit failed: code 999"},
		{"mismatched driver", "init=803", "", "reboot, or reinstall the driver"},
		{"hidden GPUs", "init=100", "", "check nvidia-smi and CUDA_VISIBLE_DEVICES"},
		{"no GPU", "devices=0", "", "the driver sees no GPU"},
		{"old driver", "version=11020", "", "driver supports CUDA 11.2: needs 11.4 or newer"},
		{"old GPU", "capability=61", "", "compute capability 6.1: needs 7.0"},
		{"Volta", "capability=70", "", "opened cuda:0 Fake GPU"},
		{"full GPU", "memory=100", "", "allocated: cuda: n=100: no memory for 400 bytes: 96 of 100 bytes are free"},
		{"broken kernel", "fault=1", "", "filled: cuda: the GPU failed: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			child := exec.Command(os.Args[0], "-test.run=^TestOneMachine$", "-test.v")
			child.Env = append(os.Environ(), "DPGAN_FAKE="+test.fake, "DPGAN_ONE_MACHINE=1")
			if test.libcuda != "" {
				child.Env = append(child.Env, "DPGAN_LIBCUDA="+test.libcuda)
			}
			out, err := child.CombinedOutput()
			if err != nil || !strings.Contains(string(out), test.want) {
				t.Errorf("%v, want %q in:\n%s", err, test.want, out)
			}
		})
	}
}

// TestOneMachine is the process that TestMachines starts.
func TestOneMachine(t *testing.T) {
	if os.Getenv("DPGAN_ONE_MACHINE") == "" {
		return
	}
	d, err := cuda.Open(0)
	if err != nil {
		t.Log("refused:", err)
		return
	}
	t.Log("opened", d.Name())
	b, err := d.Alloc(device.Float32, 100)
	if err != nil {
		t.Log("allocated:", err)
		b, err = d.Alloc(device.Float32, 1)
	}
	if err != nil {
		t.Fatal("a smaller buffer:", err)
	}
	d.Fill(device.NewVector(b, 0, 1), 1)
	t.Log("filled:", d.Sync())
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

// A GPU that is not there is refused, and the one that is stays usable.
func TestOrdinal(t *testing.T) {
	for _, ordinal := range []int{-1, 1} {
		if _, err := cuda.Open(ordinal); err == nil || !strings.Contains(err.Error(), "there are 1 GPUs") {
			t.Errorf("ordinal %d: %v", ordinal, err)
		}
	}
	d := open(t)
	if err := d.Sync(); err != nil {
		t.Error(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

// TestPlantedFaults shows that the fake GPU catches what it is there to catch: the
// program behind each name has one fault, and the sound one has none.
func TestPlantedFaults(t *testing.T) {
	program := t.TempDir() + "/planted"
	build := exec.Command("g++", "-std=c++17", "-O1", "-g", "-march=x86-64-v3", "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
		"-Wno-unknown-pragmas", "-x", "c++", "fake/planted.cpp", "-x", "assembler", "fake/switch.S", "-o", program)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, test := range []struct{ name, want string }{
		{"sound", "both orders give 32640\n"},
		{"rfc8439", "block is right\n"},
		{"beyond a buffer", "heap-buffer-overflow"},
		{"beyond shared memory", "index 8 out of bounds"},
		{"overflow", "signed integer overflow"},
		{"missing barrier", "the orders differ\n"},
		{"divergent barrier", "threads have ended before a barrier"},
		{"two barriers", "threads wait at different barriers"},
		{"divergent exchange", "lanes of a warp are missing at an exchange"},
	} {
		t.Run(test.name, func(t *testing.T) {
			run := exec.Command(program, test.name)
			// The sanitizers of a preloaded library would be the wrong ones.
			run.Env = append(os.Environ(), "LD_PRELOAD=")
			if out, _ := run.CombinedOutput(); !strings.Contains(string(out), test.want) {
				t.Errorf("want %q in:\n%s", test.want, out)
			}
		})
	}
}
