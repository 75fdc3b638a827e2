// Package dpsgd is the privacy of a run: the one gate to private rows, the
// Poisson sampler, the privatized gradient step, and the budget that each
// release is charged to before it happens.
//
// It implements DP-SGD (Abadi et al. 2016, arXiv 1607.00133) with per-record
// clipping that never materialises per-record gradients (Bu et al. 2022, arXiv
// 2210.00038), over the operations of device. The guarantee is (ε, δ) under
// adding or removing one row. The package knows nothing of tables' meaning or
// of the networks' purpose.
package dpsgd
