package nets

// Engine trains a generator against a discriminator: on a device's operations, or on
// the reference's expression graphs. The n-th call does the same with either.
type Engine interface {
	// PairsStep does one privatized step of the second-order discriminator; it must be
	// paid for. It moves mean k.
	PairsStep(k int) error
	// Weights reads mean k of its weights.
	Weights(k int) ([]float32, error)
	// Aim sets what mean k wants of the generator: of mean 0 it is fitted to, of mean 1
	// judged by. Slices and shapes stay what they were when it was first called.
	Aim(k int, target *Targets) error
	// GeneratorStep does one step of the generator, at the learning rates of its net and
	// of its codes, against both discriminators.
	GeneratorStep(net, codes float64) error
	// Loss is how far the generator is from what mean k wants.
	Loss(k int) (float64, error)
	// NetStep does one privatized step of the net; it must be paid for.
	NetStep(learningRate float64) error
	// FakeAccuracy is the moving average of the share of fakes that the net recognised.
	// It depends on released parameters and fakes only.
	FakeAccuracy() (float64, error)
	// Keep remembers the generator as the best so far, which State has as "best/", and
	// Recall makes it what it was then.
	Keep()
	Recall()
	// State reads out everything that a later step depends on, but keys.
	State() (State, error)
	Close() error
}
