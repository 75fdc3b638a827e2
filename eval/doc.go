// Package eval answers, for a real table, a holdout of it and any synthetic
// table: is it faithful, is it useful, is it safe; each number beside what real
// data reach against themselves.
//
// Faithful: distances of one-, two- and three-way tables on public bins,
// associations, categories kept, moments, a test per column. Useful: models
// trained on synthetic rows and judged on the holdout (TSTR), against models
// trained on real rows (TRTR), and a classifier that tries to tell synthetic
// rows from real ones (C2ST). Safe: attacks, each with the holdout as control.
//
// Everything here but the synthetic table itself is computed on real rows and
// covered by no ε: results are for the owner of the data. The package knows no
// generator and no privacy accounting; it reads tables through tabular and
// learns with eval/learn. Attacks follow Giomi, Boenisch, Wehmeyer, Tasnádi, "A
// Unified Framework for Quantifying Privacy Risk in Synthetic Data", PoPETs
// 2023, arXiv:2211.10459. The same tables and seed give the same numbers on any
// number of cores.
package eval
