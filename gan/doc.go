// Package gan trains a generator on a private table within a privacy budget: a second-order
// discriminator by DP-SGD (Abadi et al. 2016, arXiv 1607.00133) or from noisy tables, a
// generator against it, and, if asked for, a net on top.
//
// Run (run.go) is the way of the data. The trainer buys tables (marginal), the discriminator
// takes its steps, columns that follow from others are found, the generator is fitted to
// what is known (moment) and judged by what was held out, both on a device (nets), and what
// it has become is a model with its price (model), from which rows are drawn (sample).
//
// It is handed no row: rows go through Trainer.Sink into dpsgd.Gate. It must not know which
// device runs a step.
package gan
