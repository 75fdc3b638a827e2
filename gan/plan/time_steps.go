package plan

import (
	"fmt"
	"time"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan"
)

// Time is how long a run takes on a device, as a few steps on made-up rows tell.
type Time struct {
	Device         string  `json:"device"`
	SecondsPerStep float64 `json:"seconds_per_step"`
	Seconds        float64 `json:"seconds"`
}

// TimeSteps times a few steps on made-up rows on dev, and plans the time by them.
func (p *Plan) TimeSteps(dev device.Device) error {
	step := dpsgd.StepConfig{BatchSize: float64(p.BatchSize), SampleRate: p.SampleRate,
		MaxGradNorm: p.settings.Privacy.MaxGradNorm, NoiseMultiplier: p.NoiseMultiplier}
	r, err := gan.TimeSteps(dev, p.settings, p.stages, step, time.Second/2)
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	p.Time = &Time{dev.Name(), r.SecondsPerStep, r.Seconds(p.AffordableSteps)}
	return nil
}
