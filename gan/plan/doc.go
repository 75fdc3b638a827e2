// Package plan says what a run would spend, what it would get for it and what would be
// better, before a row is looked at: its noise is calibrated as training does, and its
// releases are charged to a budget that no ledger remembers. It also prices what a schema
// leaves open. It must not know rows, nor where settings come from.
package plan
