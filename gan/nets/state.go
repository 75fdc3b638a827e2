package nets

import (
	"fmt"
	"slices"

	"github.com/dpgan/dpgan/device"
)

// engineState is what an engine holds between steps on its device: vectors with their
// names, counters, and {loss, share} of the moving average on fakes.
type engineState struct {
	dev                                         device.Device
	vectors                                     []stateVector
	draws, generatorSteps, pairsSteps, netSteps device.Buffer // nil: there is none
	accuracy                                    device.Vector
}

type stateVector struct {
	store  *tensorLayout
	prefix string
	vector device.Vector
}

// track adds the parameters of t and its optimiser's moments.
func (h *engineState) track(t trained) {
	h.vectors = append(h.vectors, stateVector{t.store, "", t.adam.Parameters},
		stateVector{t.store, "first/", t.adam.First}, stateVector{t.store, "second/", t.adam.Second})
}

func (h *engineState) restore(s State) error {
	for _, v := range h.vectors {
		values, err := v.store.concat(s.Tensors, v.prefix)
		if err != nil {
			return err
		}
		h.dev.Upload(v.vector.Buffer, v.vector.Offset, values)
	}
	for _, c := range h.counters(&s) {
		h.dev.Upload(c.buffer, 0, []uint64{*c.value})
	}
	h.dev.Upload(h.accuracy.Buffer, 0, []float32{s.FakeLoss, s.FakeShare})
	return h.dev.Sync()
}

// State reads everything out.
func (h *engineState) State() (State, error) {
	s := State{Tensors: Tensors{}}
	for _, v := range h.vectors {
		values := make([]float32, v.vector.Len)
		if err := h.dev.Download(values, v.vector.Buffer, v.vector.Offset); err != nil {
			return s, fmt.Errorf("gan: read the state: %w", err)
		}
		v.store.split(s.Tensors, v.prefix, values)
	}
	for _, c := range h.counters(&s) {
		var value [1]uint64
		if err := h.dev.Download(value[:], c.buffer, 0); err != nil {
			return s, fmt.Errorf("gan: read the state: %w", err)
		}
		*c.value = value[0]
	}
	var accuracy [2]float32
	if err := h.dev.Download(accuracy[:], h.accuracy.Buffer, 0); err != nil {
		return s, fmt.Errorf("gan: read the state: %w", err)
	}
	s.FakeLoss, s.FakeShare = accuracy[0], accuracy[1]
	return s, nil
}

// FakeAccuracy is the moving average of the share of fakes recognised.
func (h *engineState) FakeAccuracy() (float64, error) {
	var accuracy [2]float32
	if err := h.dev.Download(accuracy[:], h.accuracy.Buffer, h.accuracy.Offset); err != nil {
		return 0, fmt.Errorf("gan: read the accuracy: %w", err)
	}
	return float64(accuracy[1]), nil
}

type stateCounter struct {
	buffer device.Buffer
	value  *uint64
}

func (h *engineState) counters(s *State) []stateCounter {
	all := []stateCounter{{h.draws, &s.Draws}, {h.generatorSteps, &s.GeneratorSteps}, {h.pairsSteps, &s.PairsSteps}, {h.netSteps, &s.NetSteps}}
	return slices.DeleteFunc(all, func(c stateCounter) bool { return c.buffer == nil })
}

// State is the state of an engine between steps. Tensors holds the parameters by name,
// the best generator's under "best/", the optimisers' moments under "first/" and
// "second/", and the second-order discriminator's means as "discriminator.pairs" and
// "held/discriminator.pairs".
type State struct {
	Tensors             Tensors
	Draws               uint64 // of the public randomness
	GeneratorSteps      uint64
	PairsSteps          uint64
	NetSteps            uint64
	FakeLoss, FakeShare float32 // moving averages on fakes
}
