package device

// Mixtures fit distributions of rows to tables of counts.
type Mixtures interface {
	// Softmax writes softmax(logits) over each span to p, both [N, layout.Width]. Row i
	// of p is then a product of one distribution a column. HeadsBackward with tau 1 is
	// the way back.
	Softmax(p, logits Matrix, layout *Layout)
	// MomentDelta writes to d [N, D] the gradient at p [N, D] of
	//
	//	L = Σ OneWeight⊙(m - One)² + Σ_s Σ TwoWeight_s⊙(M_s - Two_s)²,
	//	m = 1/N Σ_i p_i,   M_s = 1/N Σ_i p_i[Slice_s] p_i p_iᵀ
	//
	// that is, with R_s = TwoWeight_s⊙(M_s - Two_s): 2/N·OneWeight⊙(m - One) +
	// Σ_s 4/N·p[Slice_s]⊙(p·R_s), and Σ 2/N·p⊙(p·R_s) more in column Slice_s. A
	// slice of -1 weighs all rows by one. The tables are symmetric. It sets loss
	// (Float32[1]) to L, summed in float64 within a table; with a zero Matrix for d, to that alone.
	MomentDelta(d, p Matrix, moments *Moments, loss Vector)
	// Lean adds pull to d, both [N, D], at share of d's length: d += s·pull with s =
	// share·‖d‖/‖pull‖, of Frobenius norms in float64. If ‖pull‖ is 0, or it or s is not
	// finite, d stays as it is.
	Lean(d, pull Matrix, share float32)
}

// Moments are tables of frequencies over the D cells of a row, and how much
// each entry counts: one-way [D], and a [D, D] table for each slice. Moment [D,
// D], Product [N, D], Share [N] and Sum [D] are scratch of MomentDelta.
type Moments struct {
	One, OneWeight  Vector
	Two, TwoWeight  []Matrix
	Slice           []int
	Moment, Product Matrix
	Share, Sum      Vector
}
