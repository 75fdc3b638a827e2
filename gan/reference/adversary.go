package reference

import (
	"errors"
	"fmt"
	"math"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/nets"
)

// adversary is the net that judges rows, with its graphs.
type adversary struct {
	*parameters
	shape       *discriminatorShape
	record      *discriminator // one record, gradient by the parameters
	batch       *discriminator // a fake of each atom, gradient by the rows
	straight    *straight
	loss, share float32 // moving averages on fakes
	margin      float64 // the least by which a cell of a fake won against the next best
	public      []int64 // sum over fakes, as device.Gradients.ClippedSum makes it
}

func newAdversary(b *nets.EngineConfig) (a *adversary, err error) {
	s := &b.Initial
	a = &adversary{shape: newDiscriminatorShape(b.Net.Config, b.Net.White), loss: s.FakeLoss, share: s.FakeShare, margin: math.Inf(1)}
	if a.parameters, err = newParameters(a.shape.inventory, netAdam, s, s.NetSteps); err != nil {
		return nil, err
	}
	a.public = make([]int64, a.size)
	var errs [3]error
	a.record, errs[0] = newRecordLoss(a.shape, &a.vector)
	a.batch, errs[1] = newBatchLoss(a.shape, &a.vector, b.Atoms.Count)
	a.straight, errs[2] = newStraight(b.Layout, b.Atoms.Count, b.Net.Temperature)
	return a, errors.Join(errs[:]...)
}

// NetStep sums the clipped gradient of each record of a Poisson batch, to be taken for
// real, with noise, and of a fake of each atom, without.
func (e *engine) NetStep(learningRate float64) error {
	a := e.net
	if a == nil || e.host == nil {
		return errUnplanned
	}
	err := e.host.Run(a.step+1, e.sum, e.addReal)
	if err == nil {
		clear(a.public)
		err = e.addFakes(a.public)
	}
	if err != nil {
		return fmt.Errorf("reference: net step: %w", err)
	}
	private, public := e.unit(e.config.Step.BatchSize), e.unit(float64(e.config.Atoms.Count))
	for i := range a.gradient {
		a.gradient[i] = private*float64(e.sum[i]) + public*float64(a.public[i])
	}
	a.update(learningRate)
	return nil
}

// addReal adds the clipped gradients of a chunk of real rows, cells by column.
func (e *engine) addReal(rows [][]uint32, draw device.Draw, sum []int64) error {
	for i, row := range rows {
		clear(e.net.record.row)
		for j := range e.config.Layout.Spans {
			span := &e.config.Layout.Spans[j]
			e.net.record.row[span.Start+int(row[span.Column])] = 1
		}
		if err := e.addRecord(i, 1, draws{draw.Seed, draw.Step}, sum); err != nil {
			return err
		}
	}
	return nil
}

// addFakes adds the clipped gradients of a fake of each atom and follows how many
// of them the net recognised.
func (e *engine) addFakes(sum []int64) error {
	if err := e.there.run(); err != nil {
		return err
	}
	a, f, width := e.net, e.fakes(e.there.logits.values()), e.config.Layout.Width
	loss, recognised, count := 0.0, 0.0, float64(e.config.Atoms.Count)
	for i := range e.config.Atoms.Count {
		copy(a.record.row, f.rows[i*width:])
		if err := e.addRecord(i, -1, e.now(), sum); err != nil {
			return err
		}
		loss += a.record.cost.scalar()
		if a.record.logits.values()[0] < 0 {
			recognised++
		}
	}
	e.draws++
	const decay = float32(nets.AccuracyDecay)
	a.loss = decay*a.loss + (1-decay)*float32(loss/count)
	a.share = decay*a.share + (1-decay)*float32(recognised/count)
	return nil
}

// fakes are drawn of logits by the public randomness as it is now.
func (e *engine) fakes(logits []float64) *fakes {
	f := newFakes(logits, e.config.Layout, e.now())
	e.net.margin = math.Min(e.net.margin, f.margin)
	return f
}

// lean adds to d, the gradient at logits, that of -ln D(fake), the non-saturating loss, at
// Pull of the length of d:
//
//	d += Pull·‖d‖/‖pull‖·pull
func (e *engine) lean(d, logits []float64) error {
	a, f := e.net, e.fakes(logits)
	copy(a.batch.row, f.rows)
	for i := range a.batch.sign {
		a.batch.sign[i] = 1
	}
	for l, mask := range a.batch.masks {
		width := a.shape.layers[l].out
		for i := range a.batch.sign {
			e.now().mask(mask[i*width:(i+1)*width], l, i, a.shape.dropout)
		}
	}
	if err := a.batch.run(); err != nil {
		return err
	}
	copy(a.straight.logits, logits)
	copy(a.straight.noise, f.noise)
	copy(a.straight.pull, a.batch.byRow.values())
	if err := a.straight.run(); err != nil {
		return err
	}
	e.draws++
	pull := a.straight.byLogits.values()
	if scale := float64(float32(e.config.Net.Pull)) * math.Sqrt(squared(d)/squared(pull)); scale-scale == 0 {
		for i, p := range pull {
			d[i] += scale * p
		}
	}
	return nil
}

// squared is ‖v‖².
func squared(v []float64) (sum float64) {
	for _, x := range v {
		sum += x * x
	}
	return sum
}
