package main

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/dpgan/dpgan/configs"
	"github.com/dpgan/dpgan/internal/amount"
	"github.com/spf13/cobra"
	"golang.org/x/sys/cpu"
)

// DevicesOptions are the flags of dpgan devices.
type DevicesOptions struct{ JSON bool }

func newDevicesCommand(s *streams) *cobra.Command {
	var opts DevicesOptions
	cmd := &cobra.Command{
		Use:   "devices",
		Short: "List the devices and why one is not available",
		RunE:  func(*cobra.Command, []string) error { return runDevices(opts, s) },
	}
	cmd.Flags().BoolVar(&opts.JSON, "json", false, "print one JSON object a line")
	return cmd
}

// deviceStatus is one line of dpgan devices.
type deviceStatus struct {
	Device     string   `json:"device"` // what --device calls it
	Available  bool     `json:"available"`
	Name       string   `json:"name,omitempty"`
	Threads    int      `json:"threads,omitempty"`
	Memory     uint64   `json:"memory,omitempty"` // bytes, of a GPU
	Capability string   `json:"compute_capability,omitempty"`
	Features   []string `json:"features,omitempty"`
	Reason     string   `json:"reason,omitempty"`
}

func runDevices(opts DevicesOptions, s *streams) error {
	for _, d := range append([]deviceStatus{cpuStatus()}, cudaStatuses()...) {
		if opts.JSON {
			if err := s.json(d); err != nil {
				return err
			}
			continue
		}
		if err := s.print("%-6s %s\n", d.Device, d.describe()); err != nil {
			return err
		}
	}
	return nil
}

func cpuStatus() deviceStatus {
	return deviceStatus{Device: configs.DeviceCPU, Available: true, Name: runtime.GOARCH, Threads: runtime.GOMAXPROCS(0), Features: cpuFeatures()}
}

func (d deviceStatus) describe() string {
	var words []string
	if d.Name != "" {
		words = append(words, d.Name)
	}
	if d.Threads > 0 {
		words = append(words, amount.Of(d.Threads, "thread"))
	}
	if d.Memory > 0 {
		words = append(words, fmt.Sprintf("%.1f GiB", float64(d.Memory)/(1<<30)))
	}
	if d.Capability != "" {
		words = append(words, "compute capability "+d.Capability)
	}
	if len(d.Features) > 0 {
		words = append(words, strings.Join(d.Features, " "))
	}
	if !d.Available {
		words = append(words, d.Reason)
	}
	return strings.Join(words, ", ")
}

// cpuFeatures lists the vector instructions that the CPU has.
func cpuFeatures() []string {
	var names []string
	for _, f := range []struct {
		has  bool
		name string
	}{
		{cpu.X86.HasAVX2, "avx2"}, {cpu.X86.HasFMA, "fma"}, {cpu.X86.HasAVX512F, "avx512f"},
		{cpu.X86.HasAVX512BF16, "avx512bf16"}, {cpu.X86.HasAMXBF16, "amx-bf16"}, {cpu.ARM64.HasASIMD, "asimd"}, {cpu.ARM64.HasSVE, "sve"},
	} {
		if f.has {
			names = append(names, f.name)
		}
	}
	return names
}
