// Package moment holds what is known of the frequencies of pairs and triples of cells: the
// weights of the second-order discriminator, how precisely steps and bought tables tell
// them (Weights), and what a generator is therefore to match (Objective, by generalised
// moments weighted with the inverse of their variance). A part of all that is known is
// held out to judge it by: every twelfth step, and as much of bought tables by splitting
// their noise (Leiner et al. 2023, arXiv 2112.11079).
//
// It sees released numbers only, and must not know devices' programs or rows.
package moment
