package gan

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/tabular"
)

// Rehearsal is what a few steps on made-up rows tell of a run.
type Rehearsal struct {
	// Parameters of the discriminator, which get the noise.
	Parameters int
	// SecondsPerStep of the discriminator, generator steps at the first pace included.
	SecondsPerStep float64
}

// Parameters is the number of parameters of the discriminator for a table of
// codec, if noise hides no mode.
func Parameters(codec *tabular.Codec, model ModelConfig) int {
	marginals := evenMarginals(codec, model.MaxModes)
	shape := newDiscriminatorShape(model.Discriminator, marginals.layout())
	return shape.parameters.size
}

// Rehearse trains on made-up rows for about lasting and measures the pace. It
// needs a table's schema, of which codec may be a stand-in, but no row of it,
// and charges nothing.
func Rehearse(dev device.Device, codec *tabular.Codec, s Settings, step dpsgd.StepConfig, lasting time.Duration) (r Rehearsal, err error) {
	// The pace hangs on the batch, not on the table: four batches of rows do.
	rows := int(math.Ceil(4 * step.BatchSize * math.Max(step.SampleRate, 0.25)))
	step.SampleRate = math.Min(1, step.BatchSize/float64(rows))
	step.PhysicalBatch = dpsgd.PhysicalBatch(step.BatchSize, rows, s.MaxPhysicalBatchSize)
	gate, err := madeUpRows(codec, rows)
	if err != nil {
		return r, err
	}
	marginals := evenMarginals(codec, s.Model.MaxModes)
	layout := marginals.layout()
	generator, discriminator := newGeneratorShape(s.Model.Generator, layout), newDiscriminatorShape(s.Model.Discriminator, layout)
	r.Parameters = discriminator.parameters.size
	if s.Engine == nil {
		s.Engine = NewDeviceEngine
	}
	scope := device.NewScope(dev)
	defer scope.Release()
	white, err := WhitenColumns(layout, marginals.Shares)
	if err != nil {
		return r, err
	}
	engine, err := s.Engine(scope, gate, Blueprint{Layout: layout, White: white, Cumulative: marginals.cumulative(), Model: s.Model,
		Training: s.Training, Step: step, Initial: initialState(generator, discriminator, make([]float32, layout.Width), 0)})
	if err != nil {
		return r, fmt.Errorf("gan: rehearse: %w", err)
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	r.SecondsPerStep, err = paceOf(engine, newPace(s.Training.DiscriminatorSteps), lasting)
	return r, err
}

// paceOf is the mean time of a step over about lasting, after two to warm up.
// Reading the accuracy waits for the device.
func paceOf(engine Engine, pace pace, lasting time.Duration) (float64, error) {
	var start time.Time
	for done := -2; ; done++ {
		if done == 0 {
			start = time.Now()
		}
		if err := engine.DiscriminatorStep(1e-3); err != nil {
			return 0, err
		}
		if pace.due() {
			if err := engine.GeneratorStep(1e-3); err != nil {
				return 0, err
			}
		}
		if _, err := engine.FakeAccuracy()(); err != nil {
			return 0, err
		}
		if elapsed := time.Since(start); done >= 2 && elapsed >= lasting {
			return elapsed.Seconds() / float64(done+1), nil
		}
	}
}

// evenMarginals are the tables of a table whose columns are uniform.
func evenMarginals(codec *tabular.Codec, maxModes int) *Marginals {
	m := &Marginals{NoiseMultiplier: 1}
	for j := range codec.Learned() {
		const total = 1e6
		counts := make([]float64, len(codec.FineEdges(j))-1)
		for k := range counts {
			counts[k] = total / float64(len(counts))
		}
		encoding, merged := codec.Encoding(j, codec.FineEdges(j), counts, m.NoiseMultiplier, maxModes)
		m.Encodings = append(m.Encodings, encoding)
		m.Shares = append(m.Shares, shares(merged, nil, total))
	}
	return m
}

func madeUpRows(codec *tabular.Codec, rows int) (*dpsgd.Gate, error) {
	sizes := make([]uint32, len(codec.Learned()))
	columns := make([][]uint32, len(sizes))
	for j := range sizes {
		sizes[j] = codec.Size(j)
		columns[j] = make([]uint32, rows)
		for i := range rows {
			draw := device.Draw{Seed: 0, Stream: uint32(j)}
			columns[j][i] = min(uint32(float64(draw.Uniform(i))*float64(sizes[j])), sizes[j]-1)
		}
	}
	gate := dpsgd.NewGate(sizes, nil, dpsgd.SecureEntropy())
	return gate, gate.Append(columns)
}
