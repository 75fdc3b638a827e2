// Package gan is the generative model: a generator that is a mixture with learned codes,
// a discriminator of second order, and, where it is asked for, a net on top, as CTGAN's
// is (Xu et al. 2019, arXiv 1907.00503), written as sequences of device operations; the
// loop that trains them within a privacy budget; and the model file that outlives the run.
//
// It sees private rows only through dpsgd.Gate: as noisy tables, and inside the
// privatized step. It knows nothing of which device runs it, nor of the command
// line.
package gan
