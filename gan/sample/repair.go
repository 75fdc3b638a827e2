package sample

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/dpgan/dpgan/internal/parallel"
	"github.com/dpgan/dpgan/tabular"
)

// Rules are kept by construction: rows are drawn as ever, and the few that break
// one are drawn again in part, given the rest of the row, until none does.

// samplerMaker makes a sampler for the rows of one goroutine; reseed sets it up
// for one row.
type samplerMaker func() seededChooser

// seededChooser is a tabular.Chooser whose randomness is set for each row.
type seededChooser interface {
	tabular.Chooser
	reseed(random *rand.Rand)
}

// repairer makes rows keep rules.
type repairer struct {
	rules *tabular.Rules
	seed  uint64
	done  uint64 // rows kept before
	make  samplerMaker
}

// repairedRows is how many rows a goroutine takes at a time.
const repairedRows = 1024

// repair changes rows, one slice of codes a column, that break a rule, but for the
// cells of fixed(i), [J] or nil, of row i. What becomes of a row depends on it, the
// seed and its number alone.
func (k *repairer) repair(columns [][]uint32, fixed func(i int) []bool) error {
	n := len(columns[0])
	err := parallel.Workers(context.Background(), (n+repairedRows-1)/repairedRows, func() func(int) error {
		chooser, row := k.make(), make([]uint32, len(columns))
		return func(b int) error {
			for i := b * repairedRows; i < min((b+1)*repairedRows, n); i++ {
				if err := k.repairRow(columns, i, row, fixed(i), chooser); err != nil {
					return fmt.Errorf("gan: row %d: %w", k.done+uint64(i), err)
				}
			}
			return nil
		}
	})
	k.done += uint64(n)
	return err
}

// repairRow keeps row i; buffer, [J], is scratch.
func (k *repairer) repairRow(columns [][]uint32, i int, buffer []uint32, fixed []bool, chooser seededChooser) error {
	for j := range columns {
		buffer[j] = columns[j][i]
	}
	if k.rules.Kept(buffer) {
		return nil
	}
	chooser.reseed(rand.New(rand.NewPCG(k.seed, ^(k.done + uint64(i)))))
	if err := k.rules.Repair(buffer, fixed, chooser); err != nil {
		return err
	}
	for j := range columns {
		columns[j][i] = buffer[j]
	}
	return nil
}

// repairer makes rows of c keep the model's rules.
func (o *generator) repairer(c *conditional, seed uint64) *repairer {
	return &repairer{rules: o.domain.Rules, seed: seed, make: o.samplers(c)}
}
