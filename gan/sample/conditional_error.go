package sample

import "fmt"

// ConditionError is a condition that makes no sense for the model, or that it
// cannot meet. It is the user's to mend.
type ConditionError struct {
	Option string // "where", "balance", "columns" or "out"
	Text   string // as given
	Reason string // what is wrong, and the fix
}

func (e *ConditionError) Error() string {
	return fmt.Sprintf("gan: %s=%q: %s", e.Option, e.Text, e.Reason)
}
