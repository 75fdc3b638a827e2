package gan

import (
	"fmt"
	"math"
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

// held pairs each vector of the device with its names.
func (e *deviceEngine) held() []heldVector {
	vectors := []heldVector{{e.running.store, "", e.running.adam.Parameters}, {e.generator.store, "average/", e.average}}
	for _, t := range []trained{e.generator, e.discriminator} {
		vectors = append(vectors, heldVector{t.store, "", t.adam.Parameters},
			heldVector{t.store, "first/", t.adam.First}, heldVector{t.store, "second/", t.adam.Second})
	}
	return vectors
}

type heldVector struct {
	store  *store
	prefix string
	vector device.Vector
}

func (e *deviceEngine) restore(s State) error {
	for _, h := range e.held() {
		values, err := h.store.join(s.Tensors, h.prefix)
		if err != nil {
			return err
		}
		e.dev.Upload(h.vector.Buffer, h.vector.Offset, values)
	}
	e.dev.Upload(e.draw, 0, []uint64{s.Draws})
	e.dev.Upload(e.generator.adam.Step, 0, []uint64{s.GeneratorSteps})
	e.dev.Upload(e.discriminator.adam.Step, 0, []uint64{s.DiscriminatorSteps})
	e.dev.Upload(e.accuracy.Buffer, 0, []float32{s.FakeLoss, s.FakeShare})
	return e.dev.Sync()
}

func (e *deviceEngine) State() (State, error) {
	s := State{Tensors: Tensors{}}
	for _, h := range e.held() {
		values := make([]float32, h.vector.Len)
		if err := e.dev.Download(values, h.vector.Buffer, h.vector.Offset); err != nil {
			return s, fmt.Errorf("gan: read the state: %w", err)
		}
		h.store.slice(s.Tensors, h.prefix, values)
	}
	var accuracy [2]float32
	counters := [3][1]uint64{}
	for i, b := range []device.Buffer{e.draw, e.generator.adam.Step, e.discriminator.adam.Step} {
		if err := e.dev.Download(counters[i][:], b, 0); err != nil {
			return s, fmt.Errorf("gan: read the state: %w", err)
		}
	}
	if err := e.dev.Download(accuracy[:], e.accuracy.Buffer, 0); err != nil {
		return s, fmt.Errorf("gan: read the state: %w", err)
	}
	s.Draws, s.GeneratorSteps, s.DiscriminatorSteps = counters[0][0], counters[1][0], counters[2][0]
	s.FakeLoss, s.FakeShare = accuracy[0], accuracy[1]
	return s, nil
}
