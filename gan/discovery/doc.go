// Package discovery asks a private table, at a price, for what its schema leaves open:
// bounds, values, whether cells may be missing. It says beforehand what that costs.
//
// Cells reach it as numbers, texts or gaps in dpsgd.Discovery only, which counts them and
// lets out noisy answers.
package discovery
