package audit

import "math"

// oneRunEpsilon is the lower bound on ε when, of m canaries each present with
// probability ½, right of r guesses were right, all in one run (Steinke, Nasr,
// Jagielski 2023, Theorem 5.2): the largest ε whose p-value is at most alpha.
// r must be fixed before the scores are seen.
func oneRunEpsilon(m, r, right int, delta, alpha float64) float64 {
	return largestRejected(func(epsilon float64) bool { return oneRunPValue(m, r, right, epsilon, delta) <= alpha })
}

// largestRejected is the largest x in [0, 64] that is rejected, by bisection, where whatever lies
// below a rejected x is rejected too; 0 if none is.
func largestRejected(rejected func(x float64) bool) float64 {
	low, high := 0.0, 64.0
	if !rejected(low) {
		return 0
	}
	for range 60 {
		if middle := (low + high) / 2; rejected(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// oneRunPValue bounds the probability of right or more right guesses under
// (ε, δ)-DP:
//
//	p(ε) = min(1, β + 2mδ·max(0, max_{1≤i≤v} Pr[v−i ≤ X < v]/i)),
//	X ~ Bin(r, e^ε/(1+e^ε)), β = Pr[X ≥ v], v = right.
func oneRunPValue(m, r, right int, epsilon, delta float64) float64 {
	chance := 1 / (1 + math.Exp(-epsilon))
	mass := binomial(r, chance)
	beta := 0.0
	for _, p := range mass[right:] {
		beta += p
	}
	below, slope := 0.0, 0.0
	for i := 1; i <= right; i++ {
		below += mass[right-i]
		slope = math.Max(slope, below/float64(i))
	}
	return math.Min(1, beta+2*float64(m)*delta*slope)
}

// binomial is Pr[X = k] for k = 0 … n, X ~ Bin(n, p).
func binomial(n int, p float64) []float64 {
	mass := make([]float64, n+1)
	all, _ := math.Lgamma(float64(n + 1))
	for k := range mass {
		a, _ := math.Lgamma(float64(k + 1))
		b, _ := math.Lgamma(float64(n - k + 1))
		logMass := all - a - b
		if k > 0 {
			logMass += float64(k) * math.Log(p)
		}
		if k < n {
			logMass += float64(n-k) * math.Log1p(-p)
		}
		mass[k] = math.Exp(logMass)
	}
	return mass
}
