// Package model is what a run leaves: the generator, the domain of the table, and the
// statement of what it cost, in one safetensors file.
//
// It holds no row of the table, and must not know how it was trained.
package model
