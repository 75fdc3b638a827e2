package gan

import (
	"fmt"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/discovery"
	"github.com/dpgan/dpgan/tabular"
)

// ResumedSchema is the schema of the run in directory, with what it discovered,
// for the declared one: only gaps are filled. Without a checkpoint it is declared
// itself.
func ResumedSchema(directory string, declared tabular.Schema, privacy dpsgd.Config) (tabular.Schema, error) {
	c, err := loadCheckpoint(directory)
	if err != nil || c == nil {
		return declared, err
	}
	asked, _ := discovery.Undeclared(declared, privacy)
	filled, err := declared.FillFrom(asked, c.Schema)
	if err != nil {
		return declared, fmt.Errorf("gan: data.columns: %w: %w", ErrMismatch, err)
	}
	return filled, nil
}
