package device

// Device runs operations over its own buffers, in the order given.
//
// Operations return nothing: a device keeps the first error and gives it at
// Sync, after which its buffers are undefined. Shapes that do not fit are such
// an error. Buffers start at zero. A Device is used by one goroutine at a time.
type Device interface {
	// Name is what the device calls itself, such as "cpu" or "cuda:0 NVIDIA H100".
	Name() string
	// Precision is what its products of matrices round to.
	Precision() Precision
	// Alloc makes a buffer of n zero elements. It fails with a *MemoryError if the
	// memory is not there, and the device stays usable.
	Alloc(kind Kind, n int) (Buffer, error)
	// Upload copies src ([]float32, []uint32 or []uint64, as dst's kind) to dst
	// from element offset on.
	Upload(dst Buffer, offset int, src any)
	// Download waits for all that was enqueued and copies src, from element
	// offset on, into dst, a slice of src's kind.
	Download(dst any, src Buffer, offset int) error
	// NewTable makes columns, all of the same length, resident.
	NewTable(columns []Codes) (Table, error)
	// Record makes a Program of the operations that sequence calls. sequence must
	// do nothing else; it may run now, later, once or at each Run. If there is no
	// memory for what the operations need besides buffers, the next Sync returns the
	// *MemoryError, once: nothing has run, and the device is as it was before.
	Record(name string, sequence func()) Program
	// Sync waits for all that was enqueued and returns the device's first error.
	Sync() error
	// Close frees the device; its buffers must not be used again.
	Close() error

	Rows
	Layers
	Heads
	Gradients
	Mixtures
	SecondOrder
}

// RNG names one stream of public randomness: Philox4x32-10 under *Seed
// (Uint64[1]) at step *Step (Uint64[1]). Two operations with the same Stream
// and the same values of seed and step draw the same numbers.
type RNG struct {
	Seed, Step Buffer
	Stream     uint32
}

// Rows makes rows of floats.
type Rows interface {
	// ExpandCodes writes row indices[i] of table, each span one-hot, to row i of
	// dst [P, layout.Width], for i < *count, and zeros to the rows beyond.
	// indices is Uint32[P], count Uint32[1].
	ExpandCodes(dst Matrix, table Table, layout *Layout, indices, count Buffer)
	// Copy copies src to dst of the same shape.
	Copy(dst, src Matrix)
}

// ActivationKind is the function a layer applies to its affine output.
type ActivationKind uint8

// Activations, elementwise: x; max(0, x); x or 0.2·x if x < 0.
const (
	Identity ActivationKind = iota
	ReLU
	LeakyReLU
)

// LeakySlope is the slope of LeakyReLU below zero.
const LeakySlope = 0.2

// Activation is a function and the dropout that follows it: with probability
// Dropout an element becomes 0, else it is divided by 1-Dropout. Element (i, j)
// is dropped if RNG.Uniform(i·Cols + j) < Dropout. The derivative follows from
// the output y alone: s if y > 0, LeakySlope·s (LeakyReLU) or 0 (ReLU) if
// y < 0, 0 if y = 0, with s = 1/(1-Dropout); for Identity without dropout it is 1.
// Identity takes no dropout.
type Activation struct {
	Kind    ActivationKind
	Dropout float32
	RNG     RNG // used if Dropout > 0
}

// BatchNorm is the state of one batch normalisation over N features. Gamma and Beta
// are learned; Mean and InverseStd are what the last forward pass found and its
// backward pass needs. Each is [N].
type BatchNorm struct {
	Gamma, Beta      Vector
	Mean, InverseStd Vector
}

// BatchNormEpsilon is added to the variance.
const BatchNormEpsilon = 1e-5

// Layers are the affine layers and the normalisation between them.
type Layers interface {
	// LinearForward computes y = act(x·w + b): x [B, K], w [K, N], b [N], y [B, N].
	LinearForward(y, x, w Matrix, b Vector, act Activation)
	// LinearBackwardData computes dx = (dy·wᵀ) ⊙ act′, or adds it to dx if
	// accumulate is set: dy [B, N], w [K, N], dx [B, K]. act′ is the derivative of
	// the activation that made x, taken from x [B, K] (see Activation); for
	// Identity x is not read.
	LinearBackwardData(dx, dy, w, x Matrix, act Activation, accumulate bool)
	// LinearBackwardWeights adds xᵀ·dy to dw and the column sums of dy to db: x [B, K],
	// dy [B, N].
	LinearBackwardWeights(dw Matrix, db Vector, x, dy Matrix)
	// BatchNormForward computes y = relu(γ(x-μ)/√(v+ε) + β) per column, with μ and v
	// (biased) of x [B, N]. Sums are kept in float64. y may lie in x.
	BatchNormForward(y, x Matrix, norm BatchNorm)
	// BatchNormBackward computes dx from dy, the gradient at y, and adds to dgamma
	// and dbeta: x is what BatchNormForward read, y what it wrote. dx may
	// lie in dy.
	BatchNormBackward(dx, dy, x, y Matrix, norm BatchNorm, dgamma, dbeta Vector)
}

// Heads turn the generator's logits into rows and back.
type Heads interface {
	// HeadsForward makes a row of each row of logits [B, layout.Width]. The cells of a
	// span become, in soft, softmax((logit + g)/tau) with
	// g = -ln(-ln rng.Uniform(i·Width + cell)), and, in hard, one-hot at its first
	// maximum. hard and soft are [B, Width].
	HeadsForward(hard, soft, logits Matrix, layout *Layout, tau float32, rng RNG)
	// HeadsBackward computes dlogits from d, the gradient at the rows: straight
	// through the one-hot to the softmax in soft.
	HeadsBackward(dlogits, d, soft Matrix, layout *Layout, tau float32)
}

// LayerGradient is what one affine layer contributes to a record's gradient: its
// input [B, K] and the gradient at its affine output [B, N]. A record's gradient
// for the weights is input ⊗ delta, for the bias delta; they lie at Weights ([K, N],
// row-major) and Bias of a vector of all parameters.
type LayerGradient struct {
	Input, Delta  Matrix
	Weights, Bias int
}

// Noise is the Gaussian noise of one privatized sum, in units of MaxGradNorm:
// Multiplier · ChaCha20 normals under *Key (Uint32[8]) and nonce (*Step, Stream),
// Stream < NoiseStreams, rounded to the grid of the sum (see RoundedNoise). Multiplier
// 0 adds none.
type Noise struct {
	Key, Step  Buffer
	Stream     uint32
	Multiplier float64
}

// Adam holds one parameter vector and its optimiser: all vectors [P].
// *LearningRate is Float32[1]; *Step is Uint64[1], the number of this update,
// from 1 on, used for bias correction.
type Adam struct {
	Parameters, First, Second Vector
	LearningRate, Step        Buffer
	Beta1, Beta2, Epsilon     float32
}

// Gradients are the losses, the clipping, the noise and the updates.
type Gradients interface {
	// LogisticDelta computes delta = weight·(σ(logit) - target), the gradient of
	// weight · binary cross-entropy: delta and logits [B, 1]. It sets
	// stats (Float32[2], zero Vector: none) to the mean loss (without weight) and
	// the share of rows on target's side (logit > 0 if target is 1, < 0 if 0).
	LogisticDelta(delta, logits Matrix, target, weight float32, stats Vector)
	// ClippedSum adds the clipped gradient of each row i < *count (Uint32[1]; nil: all)
	// of the layers' B rows to sum: integers, multiples of maxGradNorm·2^-SumBits, in
	// two's complement. sum views a Uint64 buffer. ClipRecord says what a row adds:
	// the sum is exact, no matter how many rows and in what order (Goodfellow 2015, arXiv
	// 1510.01799, and Bu et al. 2022, arXiv 2210.00038, for the norms). B is at most
	// 2^31, and a sum of 2^40 rows does not overflow.
	ClippedSum(sum Vector, layers []LayerGradient, maxGradNorm float64, count Buffer)
	// PrivateAdam takes
	//
	//	g = maxGradNorm·2^-SumBits·((private + noise)/privateCount + public/publicCount),
	//
	// private and public as ClippedSum left them, noise = RoundedNoise with sigma =
	// noise.Multiplier·2^SumBits, draw i for element i; updates adam with it, and zeroes
	// private and public. private + noise is an integer; what follows is float64.
	PrivateAdam(adam Adam, private, public Vector, noise Noise, maxGradNorm, privateCount, publicCount float64)
	// AdamUpdate updates adam with gradient and zeroes it (Kingma, Ba 2015).
	AdamUpdate(adam Adam, gradient Vector)
	// MovingAverage computes average = decay·average + (1-decay)·value.
	MovingAverage(average, value Vector, decay float32)
	// Fill sets each element of dst to value.
	Fill(dst Vector, value float32)
	// Increment adds one to counter, Uint64[1].
	Increment(counter Buffer)
}
