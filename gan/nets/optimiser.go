package nets

import "github.com/dpgan/dpgan/device"

// Adam's constants (Kingma, Ba 2015). The net's first moment averages over ten steps,
// which averages noise. Gradients of frequencies are small, and so is the ε of the
// generator's.
const (
	NetBeta1         = 0.9
	NetBeta2         = 0.999
	NetEpsilon       = 1e-8
	GeneratorBeta1   = 0.9
	GeneratorBeta2   = 0.99
	GeneratorEpsilon = 1e-12
)

// trained is a parameter vector with its optimiser.
type trained struct {
	store *tensorLayout
	adam  device.Adam
}

func newTrained(a *allocator, s *tensorLayout, beta1, beta2, epsilon float32) trained {
	return trained{store: s, adam: device.Adam{
		Parameters: a.vector(s.size), First: a.vector(s.size), Second: a.vector(s.size),
		LearningRate: a.buffer(device.Float32, 1), Step: a.counter(),
		Beta1: beta1, Beta2: beta2, Epsilon: epsilon}}
}
