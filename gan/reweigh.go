package gan

import (
	"fmt"
	"math"
	"slices"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/mixture"
)

// What the discriminator learned of the difference between real rows and the
// mixture's reweighs a pool of fakes: log w = spread·clip((D - median D)/sd D, ±3),
// raked so that every pair of columns keeps its frequencies. Noise makes D far
// surer of itself than it should be, so only its order and shape are taken; a
// log-ratio of standard deviation spread tells real from fake with an AUC of .6.
const (
	reweighSpread = 0.35
	reweighClip   = 3
	poolFactor    = 5 // fakes for each row wanted
	rakeSweeps    = 10
)

// reweighed draws n rows by the discriminator's weights, and a proposer of more.
func (m *mixtureModel) reweighed(dev device.Device, mix *mixture.Mixture, n int, seed uint64) (*mixture.Rows, mixture.Proposer, error) {
	pool := mix.Sample(poolFactor*n, seed)
	logits, err := m.judge(dev, pool)
	if err != nil {
		return nil, nil, err
	}
	sorted := slices.Clone(logits)
	slices.Sort(sorted)
	median, deviation := float64(sorted[len(sorted)/2]), deviation(logits)
	weights := make([]float64, len(logits))
	for i, d := range logits {
		standard := (float64(d) - median) / math.Max(deviation, 1e-12)
		weights[i] = math.Exp(reweighSpread * math.Max(-reweighClip, math.Min(reweighClip, standard)))
	}
	mix.Rake(pool, weights, rakeSweeps)
	return pool.Resample(n, weights, seed), mixture.FromPool(pool, weights), nil
}

// deviation is the standard deviation of logits.
func deviation(logits []float32) float64 {
	sum, squares, n := 0.0, 0.0, float64(len(logits))
	for _, d := range logits {
		sum += float64(d)
		squares += float64(d) * float64(d)
	}
	return math.Sqrt(math.Max(0, squares/n-sum*sum/n/n))
}

// judgedRows is how many rows the discriminator sees at a time.
const judgedRows = 4096

// judge computes the discriminator's logit of each row.
func (m *mixtureModel) judge(dev device.Device, rows *mixture.Rows) ([]float32, error) {
	white, err := joinWhitening(m.tensors)
	if err != nil {
		return nil, err
	}
	layout, a := cellLayout(m.Columns), &arena{dev: dev}
	shape := newDiscriminatorShape(DiscriminatorConfig{Hidden: m.Discriminator.Hidden}, &device.Layout{Width: white.Outputs})
	values, err := shape.parameters.join(m.tensors, "")
	if err != nil {
		return nil, err
	}
	table, err := dev.NewTable(cellCodes(rows, len(m.Columns)))
	if err != nil {
		return nil, err
	}
	defer table.Release()
	parameters, whiten := a.vector(len(values)), newWhitener(a, white)
	d := newDiscriminator(a, shape, judgedRows, parameters, device.RNG{})
	expanded, indices, count := a.matrix(judgedRows, layout.Width), a.buffer(device.Uint32, judgedRows), a.buffer(device.Uint32, 1)
	if a.err != nil {
		return nil, a.err
	}
	dev.Upload(parameters.Buffer, parameters.Offset, values)
	program := dev.Record("judge rows", func() {
		dev.ExpandCodes(expanded, table, layout, indices, count)
		whiten.apply(dev, d.input(), expanded)
		d.forward()
	})
	logits, index, got := make([]float32, 0, rows.Len()), make([]uint32, judgedRows), make([]float32, judgedRows)
	for from := 0; from < rows.Len(); from += judgedRows {
		n := min(judgedRows, rows.Len()-from)
		for i := range n {
			index[i] = uint32(from + i)
		}
		dev.Upload(indices, 0, index)
		dev.Upload(count, 0, []uint32{uint32(n)})
		program.Run()
		if err := dev.Download(got, d.logits().Buffer, 0); err != nil {
			return nil, fmt.Errorf("gan: judge rows: %w", err)
		}
		logits = append(logits, got[:n]...)
	}
	return logits, nil
}
