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
	fakes := float64(e.blueprint.Training.GeneratorBatchSize)
	for i, g := range e.private {
		e.gradient[i] = g + e.public[i]/fakes
	}
	e.discriminatorParameters.update(e.gradient, learningRate)
	return nil
}

// addReal adds the clipped gradients of a chunk of count real rows.
func (e *engine) addReal(rows []float32, count int, draw device.Draw, sum []float64) error {
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
func (e *engine) addFakes(sum []float64) error {
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

// addRecord adds the gradient g of the record that lies in the leaves, clipped to
// C/(1+η) over the joint norm of all parameters: g·min(1, C/((1+η)·‖g‖)). A
// gradient that is not finite adds nothing.
func (e *engine) addRecord(record int, sign float64, d draws, sum []float64) error {
	e.record.sign[0] = sign
	for l, mask := range e.record.masks {
		d.mask(mask, l, record, e.dropout)
	}
	if err := e.record.run(); err != nil {
		return err
	}
	e.record.byParameter.write(e.gradient)
	square := 0.0
	for _, g := range e.gradient {
		square += g * g
	}
	if math.IsNaN(square) || math.IsInf(square, 0) {
		return nil
	}
	factor := math.Min(1, e.blueprint.Step.MaxGradNorm/(1+e.clipMargin)/math.Sqrt(square))
	for i, g := range e.gradient {
		sum[i] += factor * g
	}
	return nil
}
