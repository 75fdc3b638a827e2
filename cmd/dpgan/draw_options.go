package main

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"

	"github.com/dpgan/dpgan/configs"
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/spf13/pflag"
)

// DrawOptions are the flags of the commands that draw from a model.
type DrawOptions struct {
	Model   string
	Sets    int
	Seed    *uint64
	Device  string
	Threads int
}

// flags adds the flags; sets says what --sets counts.
func (o *DrawOptions) flags(f *pflag.FlagSet, sets string) {
	f.StringVarP(&o.Model, "model", "m", "", "model.safetensors `file` of a training run")
	f.IntVar(&o.Sets, "sets", 1, sets)
	f.Var(newOptionalUint(&o.Seed), "seed", "repeat the draws of this seed (default a random one)")
	f.StringVar(&o.Device, "device", configs.DeviceCPU, "`device` that computes: auto, cpu, cuda")
	f.IntVar(&o.Threads, "threads", 0, "threads of the CPU; 0: all cores")
}

// validate lists what is wrong with the flags of command.
func (o *DrawOptions) validate(command string) []error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(command+": "+format, args...))
		}
	}
	check(o.Model != "", "--model is missing: name the model.safetensors of a training run")
	check(o.Sets >= 1, "--sets=%d: must be at least 1", o.Sets)
	check(o.Threads >= 0, "--threads=%d: must be at least 0", o.Threads)
	check(o.Device != configs.DeviceReference, "--device=reference only trains: name auto, cpu or cuda")
	return errs
}

// open loads the model, opens the device that draws from it, and settles the seed.
// It says so if the model protects nobody.
func (o *DrawOptions) open(s *streams) (m *model.Model, dev device.Device, seed uint64, err error) {
	if seed, err = o.seed(); err != nil {
		return nil, nil, 0, err
	}
	if m, err = model.Load(o.Model); err != nil {
		return nil, nil, 0, usageError(err)
	}
	if m.Privacy().Insecure {
		s.log.Warn(model.InsecureWarning, "model", o.Model)
	}
	dev, err = openDevice(o.Device, o.Threads, device.SinglePrecision, s.log)
	return m, dev, seed, err
}

// seed is the one given, or a random one of 53 bits, which every JSON reader
// keeps exactly. It repeats public randomness and protects nothing.
func (o *DrawOptions) seed() (uint64, error) {
	if o.Seed != nil {
		return *o.Seed, nil
	}
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return 0, fmt.Errorf("seed: %w", err)
	}
	return binary.LittleEndian.Uint64(b[:]) >> 11, nil
}
