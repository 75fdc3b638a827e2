package reference

import (
	"fmt"
	"math"
	"slices"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/nets"
)

// mean is device.Mean on the host: a running mean of noised mean gradients.
type mean struct {
	inventory
	prefix               string // of the tensor
	values, scale, count []float32
}

// meanPrefixes are those of the tensors of what the generator is fitted to, and of what
// is held out.
var meanPrefixes = []string{"", "held/"}

// newMeans are both, as b begins.
func newMeans(b *nets.EngineConfig) (means []*mean, err error) {
	for k, prefix := range meanPrefixes {
		m := &mean{prefix: prefix, scale: b.Scale[k], count: slices.Clone(b.Count[k])}
		if b.Pairs.Weights > 0 {
			m.add("discriminator.pairs", b.Pairs.Weights)
		}
		if m.values, err = m.load(b.Initial.Tensors, prefix); err != nil {
			return nil, err
		}
		means = append(means, m)
	}
	return means, nil
}

// move takes in the noised sum of a step, integers each worth unit:
//
//	g = Scale·(sum·unit),   Count += 1,   Values += (g - Values)/Count
//
// each operation rounded on its own, as device.SecondOrder.PrivateMean says.
func (m *mean) move(sum []int64, unit float64) {
	for i, x := range sum {
		g := float64(float64(m.scale[i]) * (float64(x) * unit))
		n, value := float64(m.count[i])+1, float64(m.values[i])
		m.values[i], m.count[i] = float32(value+(g-value)/n), float32(n)
	}
}

// PairsStep sums the gradients of the records of a Poisson batch, with noise, and moves
// mean k.
func (e *engine) PairsStep(k int) error {
	if e.pairs == nil {
		return errUnplanned
	}
	e.pairsSteps++
	if err := e.host.Run(e.pairsSteps, e.sum, e.pairs.add); err != nil {
		return fmt.Errorf("reference: discriminator step: %w", err)
	}
	e.means[k].move(e.sum, e.unit(e.config.Step.BatchSize))
	return nil
}

// unit is what an integer of a sum is worth in a mean over count records.
func (e *engine) unit(count float64) float64 {
	return math.Ldexp(e.config.Step.MaxGradNorm, -device.SumBits) / count
}

// Weights is a copy of mean k.
func (e *engine) Weights(k int) ([]float32, error) { return slices.Clone(e.means[k].values), nil }
