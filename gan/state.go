package gan

import (
	"fmt"
	"slices"

	"github.com/dpgan/dpgan/device"
)

// trained is a parameter vector with its optimiser.
type trained struct {
	store *store
	adam  device.Adam
}

func newTrained(a *arena, s *store, beta1, beta2, epsilon float32) trained {
	return trained{store: s, adam: device.Adam{
		Parameters: a.vector(s.size), First: a.vector(s.size), Second: a.vector(s.size),
		LearningRate: a.buffer(device.Float32, 1), Step: a.counter(),
		Beta1: beta1, Beta2: beta2, Epsilon: epsilon}}
}

// held is what an engine holds between steps on its device: vectors with their
// names, counters, and {loss, share} of the moving average on fakes.
type held struct {
	dev                                         device.Device
	vectors                                     []heldVector
	draws, generatorSteps, pairsSteps, netSteps device.Buffer // nil: there is none
	accuracy                                    device.Vector
}

type heldVector struct {
	store  *store
	prefix string
	vector device.Vector
}

// hold adds the parameters of t and its optimiser's moments.
func (h *held) hold(t trained) {
	h.vectors = append(h.vectors, heldVector{t.store, "", t.adam.Parameters},
		heldVector{t.store, "first/", t.adam.First}, heldVector{t.store, "second/", t.adam.Second})
}

func (h *held) restore(s State) error {
	for _, v := range h.vectors {
		values, err := v.store.join(s.Tensors, v.prefix)
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
func (h *held) State() (State, error) {
	s := State{Tensors: Tensors{}}
	for _, v := range h.vectors {
		values := make([]float32, v.vector.Len)
		if err := h.dev.Download(values, v.vector.Buffer, v.vector.Offset); err != nil {
			return s, fmt.Errorf("gan: read the state: %w", err)
		}
		v.store.slice(s.Tensors, v.prefix, values)
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
func (h *held) FakeAccuracy() (float64, error) {
	var accuracy [2]float32
	if err := h.dev.Download(accuracy[:], h.accuracy.Buffer, h.accuracy.Offset); err != nil {
		return 0, fmt.Errorf("gan: read the accuracy: %w", err)
	}
	return float64(accuracy[1]), nil
}

type heldCounter struct {
	buffer device.Buffer
	value  *uint64
}

func (h *held) counters(s *State) []heldCounter {
	all := []heldCounter{{h.draws, &s.Draws}, {h.generatorSteps, &s.GeneratorSteps}, {h.pairsSteps, &s.PairsSteps}, {h.netSteps, &s.NetSteps}}
	return slices.DeleteFunc(all, func(c heldCounter) bool { return c.buffer == nil })
}
