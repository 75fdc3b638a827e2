// Package sample draws rows from a model: all kinds of rows, rows that meet conditions, of
// which each value of a column is as frequent, refined towards the model's pairs, repaired
// where they break a rule; and it fills the gaps of a table's rows. Conditions are exact
// (gan/mixture): nothing is filtered that can be drawn.
//
// New (sampler.go) is the way of the data. It must not know how a model came to be.
package sample
