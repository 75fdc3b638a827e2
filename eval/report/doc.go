// Package report writes the result of an evaluation as one HTML file that the
// owner of the data can read: no network, no script, plots as inline SVG, light
// and dark, on paper and on a phone.
//
// What was computed on real rows is marked as internal, since no ε covers it. A
// page for release holds only what follows from the synthetic rows, the public
// schema and the privacy statement. The package measures nothing itself; it
// knows results of eval and a statement in plain numbers, and no model.
package report
