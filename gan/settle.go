package gan

import (
	"errors"
	"fmt"
	"math"

	"github.com/dpgan/dpgan/device"
)

// After training the kept generator is settled, at no cost in privacy: its
// running statistics follow the averaged parameters, and the bias of its heads
// is turned until each column's modes come out as often as the paid tables say.
// What the discriminator taught, the dependence between columns, stays.
const (
	settleBatch   = 512
	settleBatches = 64 // the weight of earlier statistics is 0.9⁶⁴ ≈ 0.1 %
	raisedRounds  = 8
	raisedBatches = 16 // 8,192 rows a round
	raisedStep    = 1.0
)

// settle returns the parameters and the running statistics of m, settled.
func settle(dev device.Device, m *Model, seed uint64) (parameters, running []float32, err error) {
	scope := device.NewScope(dev)
	defer scope.Release()
	defer func() {
		if short := (*device.MemoryError)(nil); errors.As(err, &short) {
			err = fmt.Errorf("gan: settle the generator on %s, %d rows at a time: %w: training is done and kept, so resume the run on the cpu", dev.Name(), settleBatch, short)
		}
	}()
	g, err := newGenerations(scope, m, seed, settleBatch)
	if err != nil {
		return nil, nil, err
	}
	program := scope.Record("settle statistics", func() { g.forward(true) })
	for range settleBatches {
		program.Run()
	}
	if err := g.raise(&m.marginals); err != nil {
		return nil, nil, err
	}
	parameters, err = g.read(g.generator.parameters)
	if err != nil {
		return nil, nil, err
	}
	running, err = g.read(g.generator.running)
	return parameters, running, err
}

func (g *generations) read(v device.Vector) ([]float32, error) {
	values := make([]float32, v.Len)
	if err := g.dev.Download(values, v.Buffer, v.Offset); err != nil {
		return nil, fmt.Errorf("gan: settle the generator: %w", err)
	}
	return values, nil
}

// raise moves the heads' bias by ln(wanted/drawn) for each mode, round by round,
// in steps of at most one. Shares below half a row of the sample count as that.
func (g *generations) raise(m *Marginals) error {
	layout := g.generator.layout
	spans := len(layout.Spans)
	codes, err := g.dev.Alloc(device.Uint32, settleBatch*spans)
	if err != nil {
		return err
	}
	draw := g.drawer(codes)
	headBias := vector(g.generator.parameters, g.generator.headBias, layout.Width)
	bias, err := g.read(headBias)
	if err != nil {
		return err
	}
	rows := make([]uint32, settleBatch*spans)
	for range raisedRounds {
		drawn := make([]float64, layout.Width)
		for range raisedBatches {
			draw.Run()
			if err := g.dev.Download(rows, codes, 0); err != nil {
				return fmt.Errorf("gan: settle the generator: %w", err)
			}
			for i, code := range rows {
				span := &layout.Spans[i%spans]
				drawn[span.ModeStart()+span.Mode(code)]++
			}
		}
		const total = settleBatch * raisedBatches
		for j := range layout.Spans {
			first := layout.Spans[j].ModeStart()
			for k, wanted := range m.Shares[j] {
				ratio := math.Max(wanted*total, 0.5) / math.Max(drawn[first+k], 0.5)
				bias[first+k] += float32(math.Max(-raisedStep, math.Min(raisedStep, math.Log(ratio))))
			}
		}
		g.dev.Upload(headBias.Buffer, headBias.Offset, bias)
	}
	return g.dev.Sync()
}
