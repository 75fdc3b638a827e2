package dpgan

import (
	"fmt"
	"log/slog"

	"github.com/dpgan/dpgan/configs"
	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/gan/nets"
)

// Option says how Train runs, as far as the configuration does not.
type Option func(*options)

type options struct {
	resume, chargeMissing bool
	insecureSeed          *uint64
	observe               func(Progress)
	log                   *slog.Logger
	device                func() (device.Device, error)
	engine                nets.EngineMaker
}

// Resume goes on from the checkpoint in the run's folder.
func Resume() Option { return func(o *options) { o.resume = true } }

// ChargeMissing lets a resumed run charge to a ledger what it has spent and the ledger
// does not hold, instead of refusing it.
func ChargeMissing() Option { return func(o *options) { o.chargeMissing = true } }

// InsecureSeed derives all noise from seed: for tests only, the result is not private.
func InsecureSeed(seed uint64) Option { return func(o *options) { o.insecureSeed = &seed } }

// OnProgress tells observe how far the run is, about ten times a second.
func OnProgress(observe func(Progress)) Option { return func(o *options) { o.observe = observe } }

// WithLog logs what a reader of the run should know: warnings of the guarantee, what was
// discovered, rules that were found.
func WithLog(log *slog.Logger) Option { return func(o *options) { o.log = log } }

// WithDevice computes on the device that open opens, and closes it, in place of the CPU. A
// nil engine is the device's own; its type is not part of what is kept.
func WithDevice(open func() (device.Device, error), engine nets.EngineMaker) Option {
	return func(o *options) { o.device, o.engine = open, engine }
}

func newOptions(config *Config, given []Option) *options {
	o := &options{log: slog.New(slog.DiscardHandler), device: func() (device.Device, error) { return openCPU(config.Runtime) }}
	for _, option := range given {
		option(o)
	}
	return o
}

// openCPU opens the CPU, unless another device is asked for.
func openCPU(r configs.RuntimeConfig) (device.Device, error) {
	if r.Device != configs.DeviceAuto && r.Device != configs.DeviceCPU {
		return nil, &UsageError{fmt.Errorf("runtime.device=%s: this program computes on the CPU unless WithDevice gives it another device", r.Device)}
	}
	precision, _ := device.ParsePrecision(r.Precision) // validated
	return cpu.Open(r.Threads, precision)
}

// apply enters the options in settings.
func (o *options) apply(settings *gan.Settings) {
	settings.Resume, settings.ChargeMissing = o.resume, o.chargeMissing
	settings.InsecureSeed, settings.Observe, settings.Engine = o.insecureSeed, o.observe, o.engine
}
