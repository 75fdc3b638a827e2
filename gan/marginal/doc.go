// Package marginal measures what a run buys as noisy counts: it plans the releases and
// their shares of the budget (NewPlan), and makes them (Measure). Numbers are cut into
// bins by fine tables and the spikes in them, single columns are counted, and tables of
// pairs, or of triples with the target, are bought: all of them, or those that noisy scores
// say are worth their noise, after MST and AIM (McKenna, Miklau, Sheldon 2021, arXiv
// 2108.04978; McKenna et al. 2022, arXiv 2201.12677). Columns that are functions of others
// are read off what was measured.
//
// All that it sees of rows it asks dpsgd.Gate for. It must not know what is learned from
// its tables.
package marginal
