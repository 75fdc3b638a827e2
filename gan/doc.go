// Package gan is the generative model: a CTGAN-style generator and
// discriminator (Xu et al. 2019, arXiv 1907.00503) written as sequences of
// device operations, the trainer that drives them within a privacy budget, and
// the model file that outlives the run.
//
// It sees private rows only through dpsgd.Gate: as noisy tables, and inside the
// privatized step. It knows nothing of which device runs it, nor of the command
// line.
package gan
