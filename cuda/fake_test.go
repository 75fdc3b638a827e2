//go:build gpu && fake

package cuda_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
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
		// fake may begin with the precision that is asked for.
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
		{"TF32 on Turing", "tf32,capability=75", "", "cuda:0 Fake GPU: precision=tf32: precision is not available: it needs compute capability 8.0"},
		{"TF32 on Ampere", "tf32,capability=80", "", "opened cuda:0 Fake GPU"},
		{"bfloat16", "bfloat16", "", "precision=bfloat16: precision is not available: on GPUs there are float32 and tf32"},
		{"full GPU", "memory=100", "", "allocated: cuda: n=100: no memory for 400 bytes: 96 are free"},
		{"broken kernel", "fault=1", "", "opened cuda:0 Fake GPU again: <nil>"},
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
	word, _, _ := strings.Cut(os.Getenv("DPGAN_FAKE"), ",")
	precision, _ := device.ParsePrecision(word)
	d, err := cuda.Open(0, precision)
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
	err = d.Sync()
	t.Log("filled:", err)
	if err != nil && !errors.Is(err, cuda.ErrLost) {
		t.Error("not ErrLost")
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	again, err := cuda.Open(0, precision)
	if err != nil {
		t.Fatal("open again:", err)
	}
	counter, err := again.Alloc(device.Uint64, 1)
	if err != nil {
		t.Fatal(err)
	}
	again.Increment(counter)
	t.Logf("opened %s again: %v", again.Name(), again.Sync())
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

// A step is no more launches than it has to be.
func TestNodes(t *testing.T) {
	child := exec.Command(os.Args[0], "-test.run=^TestOneGraph$")
	child.Env = append(os.Environ(), "DPGAN_FAKE=graphs=1", "DPGAN_ONE_MACHINE=1")
	out, err := child.CombinedOutput()
	const want = "graph of 9 nodes, 9 one after the other: linear_forward_32 linear_forward_32 linear_forward_32 logistic_delta " +
		"linear_backward_data_32 linear_backward_data_32 clip_records clipped_sum private_adam\n"
	if err != nil || !strings.Contains(string(out), want) {
		t.Errorf("%v, want %q in:\n%s", err, want, out)
	}
}

// TestOneGraph is the process that TestNodes starts.
func TestOneGraph(t *testing.T) {
	if os.Getenv("DPGAN_ONE_MACHINE") == "" {
		return
	}
	d := open(t)
	d.Record("step", newPrivateStep(t, d, 8, 5, 4, 4, 1).run)
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		t.Error(err)
	}
}

// Nodes that conflict, and of which neither waits for the other, do not pass: a graph
// without edges is full of them.
func TestRaces(t *testing.T) {
	for _, test := range []struct {
		fake string
		race bool
	}{{"", false}, {"edges=0", true}} {
		child := exec.Command(os.Args[0], "-test.run=^TestDevice$/^Record$")
		child.Env = append(os.Environ(), "DPGAN_FAKE="+test.fake, "DPGAN_LIBCUDA="+filepath.Join(filepath.Dir(os.Getenv("DPGAN_LIBCUDA")), "libcuda-traced.so"))
		out, err := child.CombinedOutput()
		if race := strings.Contains(string(out), "race: node"); race != test.race || (err != nil) != test.race {
			t.Errorf("%q: %v, race %v, want %v in:\n%.2000s", test.fake, err, race, test.race, out)
		}
	}
}

// A GPU that is not there is refused, and the one that is stays usable.
func TestOrdinal(t *testing.T) {
	for _, ordinal := range []int{-1, 1} {
		if _, err := cuda.Open(ordinal, device.SinglePrecision); err == nil || !strings.Contains(err.Error(), "the driver shows GPUs 0 to 0") {
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
		{"exact", "draws are right\n"},
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
