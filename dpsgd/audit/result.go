package audit

import "fmt"

// Result is the answer to one check.
type Result struct {
	Name   string `json:"name"`
	Passed bool   `json:"passed"`
	// Detail is what was measured, in words.
	Detail string `json:"detail"`
	// Claim is the ε that the accountant states for what the check ran, and
	// LowerBound what the attack proves with 95 % confidence; nil for checks that
	// bound no ε.
	Claim      *float64 `json:"claimed_epsilon,omitempty"`
	LowerBound *float64 `json:"epsilon_lower_bound,omitempty"`
	// Pointwise and Curve are the two bounds of the one run, each with 97.5 %
	// confidence, whose higher one is LowerBound: see oneRunEpsilon and oneRunMu.
	Pointwise *float64 `json:"epsilon_lower_bound_pointwise,omitempty"`
	Curve     *float64 `json:"epsilon_lower_bound_curve,omitempty"`
	Seconds   float64  `json:"seconds"`
}

func verdict(ok bool, detail string, args ...any) Result {
	return Result{Passed: ok, Detail: fmt.Sprintf(detail, args...)}
}

func passed(detail string, args ...any) Result { return verdict(true, detail, args...) }
func failed(detail string, args ...any) Result { return verdict(false, detail, args...) }

// bounded fails if the lower bound lies above the claim.
func bounded(claim, bound float64, detail string, args ...any) Result {
	r := verdict(bound <= claim, detail, args...)
	r.Claim, r.LowerBound = &claim, &bound
	return r
}
