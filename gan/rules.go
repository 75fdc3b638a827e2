package gan

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"github.com/dpgan/dpgan/tabular"
)

// Rules are kept by construction: rows are drawn as ever, and the few that break
// one are drawn again in part, given the rest of the row, until none does.

// chooserMaker makes a chooser for the rows of one goroutine; reseed sets it up
// for one row.
type chooserMaker func() ruleChooser

// ruleChooser is a chooser whose randomness is set for each row.
type ruleChooser interface {
	tabular.Chooser
	reseed(random *rand.Rand)
}

// keeper makes rows keep rules.
type keeper struct {
	rules *tabular.Rules
	seed  uint64
	done  uint64 // rows kept before
	make  chooserMaker
}

// keptRows is how many rows a goroutine takes at a time.
const keptRows = 1024

// keep changes rows, one slice of codes a column, that break a rule, but for the
// cells of fixed(i), [J] or nil, of row i. What becomes of a row depends on it, the
// seed and its number alone.
func (k *keeper) keep(columns [][]uint32, fixed func(i int) []bool) error {
	n := len(columns[0])
	blocks := make(chan int, (n+keptRows-1)/keptRows)
	for from := 0; from < n; from += keptRows {
		blocks <- from
	}
	close(blocks)
	var (
		group sync.WaitGroup
		mutex sync.Mutex
		first = n
		fault error
	)
	for range min(runtime.GOMAXPROCS(0), cap(blocks)) {
		group.Go(func() {
			chooser, row := k.make(), make([]uint32, len(columns))
			for from := range blocks {
				for i := from; i < min(from+keptRows, n); i++ {
					if err := k.row(columns, i, row, fixed(i), chooser); err != nil {
						mutex.Lock()
						if i < first {
							first, fault = i, err
						}
						mutex.Unlock()
						break
					}
				}
			}
		})
	}
	group.Wait()
	k.done += uint64(n)
	if fault != nil {
		return fmt.Errorf("gan: row %d: %w", k.done-uint64(n-first), fault)
	}
	return nil
}

// row keeps row i; buffer, [J], is scratch.
func (k *keeper) row(columns [][]uint32, i int, buffer []uint32, fixed []bool, chooser ruleChooser) error {
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

// keeper makes rows of c keep the model's rules.
func (o *openModel) keeper(c *conditioned, seed uint64) *keeper {
	return &keeper{rules: o.domain.Rules, seed: seed, make: o.choosers(c)}
}

// fromSources turns conditions on columns that others determine into conditions on
// their sources, which the model knows; the rules restore what was asked for.
func fromSources(rules *tabular.Rules, conditions []condition) ([]condition, error) {
	var out []condition
	for _, c := range conditions {
		c.column, c.codes = rules.Root(c.column, c.codes)
		at := slices.IndexFunc(out, func(other condition) bool { return other.column == c.column })
		if at >= 0 {
			out[at].codes, out[at].text = out[at].codes.And(c.codes), out[at].text+" and "+c.text
			c = out[at]
		} else {
			out = append(out, c)
		}
		if len(c.codes) == 0 {
			return nil, &ConditionError{"where", c.text, "no row that keeps the rules meets it: drop or widen it"}
		}
	}
	return out, nil
}
