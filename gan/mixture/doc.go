// Package mixture samples from a mixture of products: N atoms, each a product of
// one categorical distribution a column, all atoms equally likely. It draws rows,
// conditions on any set of columns by Bayes' rule over the atoms, and brings a
// sample's pairwise frequencies to the mixture's own.
//
// It sees cells and probabilities only: what it is given is already private, and
// nothing here knows what a cell stands for.
package mixture
