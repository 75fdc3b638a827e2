package gan

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/dpgan/dpgan/device"
	"gorgonia.org/tensor"
)

// initialState draws the first parameters from seed: weights and biases uniform
// in ±1/√fan_in (LeCun et al. 1998), γ = 1, running variance 1, and the heads'
// bias at headBias, the log shares of the noisy tables, so that the untrained
// generator already draws each column about right.
func initialState(g *generatorShape, d *discriminatorShape, headBias []float32, seed uint64) State {
	state := State{Tensors: Tensors{}}
	stream := uint32(0)
	draw := func(s *store) []float32 {
		v := make([]float32, s.size)
		fanIn := 1
		for _, e := range s.entries {
			n := tensor.Shape(e.shape).TotalSize()
			if len(e.shape) == 2 {
				fanIn = e.shape[0]
			}
			stream++
			rng := device.Draw{Seed: seed, Step: 0, Stream: stream}
			for i := range n {
				switch {
				case strings.HasSuffix(e.name, ".gamma"):
					v[e.offset+i] = 1
				case strings.HasSuffix(e.name, ".beta"):
				case e.name == "generator.heads.bias":
					v[e.offset+i] = headBias[i]
				default:
					v[e.offset+i] = (2*rng.Uniform(i) - 1) / float32(math.Sqrt(float64(fanIn)))
				}
			}
		}
		return v
	}
	generator, discriminator := draw(&g.parameters), draw(&d.parameters)
	running := make([]float32, g.running.size)
	for _, b := range g.blocks {
		for i := range b.out {
			running[b.variance+i] = 1
		}
	}
	for prefix, v := range map[string][]float32{"": generator, "average/": generator,
		"first/": make([]float32, len(generator)), "second/": make([]float32, len(generator))} {
		g.parameters.slice(state.Tensors, prefix, v)
	}
	for prefix, v := range map[string][]float32{"": discriminator,
		"first/": make([]float32, len(discriminator)), "second/": make([]float32, len(discriminator))} {
		d.parameters.slice(state.Tensors, prefix, v)
	}
	g.running.slice(state.Tensors, "", running)
	return state
}

// held is what an engine holds between steps on its device: vectors with their
// names, counters, and {loss, share} of the moving average on fakes.
type held struct {
	dev                                       device.Device
	vectors                                   []heldVector
	draws, generatorSteps, discriminatorSteps device.Buffer // nil: there is none
	accuracy                                  device.Vector
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
func (h *held) FakeAccuracy() (wait func() (float64, error)) {
	taken := h.dev.Snapshot(h.accuracy)
	return func() (float64, error) {
		var accuracy [2]float32
		if err := taken.Read(accuracy[:]); err != nil {
			return 0, fmt.Errorf("gan: read the accuracy: %w", err)
		}
		return float64(accuracy[1]), nil
	}
}

type heldCounter struct {
	buffer device.Buffer
	value  *uint64
}

func (h *held) counters(s *State) []heldCounter {
	all := []heldCounter{{h.draws, &s.Draws}, {h.generatorSteps, &s.GeneratorSteps}, {h.discriminatorSteps, &s.DiscriminatorSteps}}
	return slices.DeleteFunc(all, func(c heldCounter) bool { return c.buffer == nil })
}
