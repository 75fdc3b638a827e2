package reference

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan"
)

// DiscriminatorStep sums the clipped gradient of each record of a Poisson batch,
// to be taken for real, with noise, and of a fixed number of fakes, without.
func (e *engine) DiscriminatorStep(learningRate float64) error {
	if err := e.host.Run(e.discriminatorParameters.step+1, e.private, e.addReal); err != nil {
		return fmt.Errorf("reference: discriminator step: %w", err)
	}
	clear(e.public)
	if err := e.addFakes(e.public); err != nil {
		return fmt.Errorf("reference: discriminator step: %w", err)
	}
	unit := math.Ldexp(e.blueprint.Step.MaxGradNorm, -device.SumBits) / float64(e.blueprint.Training.GeneratorBatchSize)
	for i, g := range e.private {
		e.gradient[i] = g + unit*float64(e.public[i])
	}
	e.discriminatorParameters.update(e.gradient, learningRate)
	return nil
}

// addReal adds the clipped gradients of a chunk of count real rows.
func (e *engine) addReal(rows []float32, count int, draw device.Draw, sum []int64) error {
	d, width := draws{draw.Seed, draw.Step}, e.blueprint.Layout.Width
	for i := range count {
		for j, v := range rows[i*width : (i+1)*width] {
			e.record.row[j] = float64(v)
		}
		d.own(e.record.condition, e.record.row, e.blueprint.Layout, i)
		if err := e.addRecord(i, 1, d, sum); err != nil {
			return err
		}
	}
	e.chunks++
	return nil
}

// addFakes adds the clipped gradients of a batch of fakes and follows how many
// of them the discriminator recognised.
func (e *engine) addFakes(sum []int64) error {
	f, err := e.makeFakes()
	if err != nil {
		return err
	}
	batch, width, conditionWidth := e.blueprint.Training.GeneratorBatchSize, e.blueprint.Layout.Width, e.blueprint.Layout.ConditionWidth
	loss, recognised := 0.0, 0
	for i := range batch {
		copy(e.record.row, f.rows[i*width:(i+1)*width])
		copy(e.record.condition, f.condition[i*conditionWidth:(i+1)*conditionWidth])
		if err := e.addRecord(i, -1, e.now(), sum); err != nil {
			return err
		}
		loss += e.record.cost.scalar()
		if e.record.logits.values()[0] < 0 {
			recognised++
		}
	}
	e.draws++
	const decay = float32(gan.AccuracyDecay)
	e.loss = decay*e.loss + (1-decay)*float32(loss/float64(batch))
	e.share = decay*e.share + (1-decay)*float32(float64(recognised)/float64(batch))
	return nil
}

// addRecord adds the integers of the gradient of the record that lies in the leaves
// (device.ClipRecord). Of a layer's gradient x ⊗ δ, δ is that of the bias.
func (e *engine) addRecord(record int, sign float64, d draws, sum []int64) error {
	e.record.sign[0] = sign
	for l, mask := range e.record.masks {
		d.mask(mask, l, record, e.dropout)
	}
	if err := e.record.run(); err != nil {
		return err
	}
	e.record.byParameter.write(e.gradient)
	var inputs, deltas [][]float32
	for _, l := range e.layers {
		x, delta := l.factors(e.gradient)
		inputs, deltas = append(inputs, x), append(deltas, delta)
	}
	a, s := device.ClipRecord(inputs, deltas, e.blueprint.Step.MaxGradNorm)
	for i, l := range e.layers {
		for j, v := range s[i] {
			sum[l.bias+j] += int64(v) << device.InputBits
			for k, u := range a[i] {
				sum[l.weight+k*l.out+j] += int64(u) * int64(v)
			}
		}
	}
	return nil
}

// factors are x and δ of a record whose gradient is x ⊗ δ for the weights and δ for
// the bias; x is zero if δ is.
func (l *affine) factors(gradient []float64) (x, delta []float32) {
	in, largest := 0, 0
	for _, p := range l.parts {
		in += p
	}
	bias := gradient[l.bias : l.bias+l.out]
	for j, d := range bias {
		delta = append(delta, float32(d))
		if math.Abs(d) > math.Abs(bias[largest]) || math.IsNaN(d) {
			largest = j
		}
	}
	x = make([]float32, in)
	for k := range x {
		if d := bias[largest]; d != 0 {
			x[k] = float32(gradient[l.weight+k*l.out+largest] / d)
		}
	}
	return x, delta
}
