package nets

// The means that the weights of the second-order discriminator are kept as: what the
// generator is fitted to, and what is held out to judge the fit by.
const (
	Fitted = iota
	HeldOut
	Means
)

// meanPrefixes are those of the means' tensors.
var meanPrefixes = []string{"", "held/"}

// Targets are the frequencies that a generator is fitted to, or judged by: what
// device.Moments holds, on the host. Over the D cells of a row they are One [D] and, for
// each slice, a symmetric table Two [D·D]; the weights are 0 where nothing is known.
type Targets struct {
	One, OneWeight []float32
	Two, TwoWeight [][]float32
	Slice          []int
}
