package eval

import (
	"context"
	"fmt"
	"math"

	"github.com/dpgan/dpgan/internal/parallel"
)

const (
	inferTargets   = 2000
	inferTolerance = .05 // relative error at which a number counts as guessed
)

// inference has an attacker who knows all columns of a person but one guess
// the last one from the nearest synthetic row (Giomi et al. 2023, section 4.3).
// Every column is the secret once; the attack's rate is the mean over columns.
func (a *attackData) inference(ctx context.Context, _ *Scores) ([]Attack, error) {
	columns := a.e.columns
	if len(columns) < 2 {
		x := Attack{Key: "inference", Title: "Attribute inference"}
		x.conclude(estimate{0, 1})
		return []Attack{x}, nil
	}
	random := generator(a.e.options.Seed, "inference")
	n := min(inferTargets, a.members.rows)
	var guessed [2]guesses
	for side, t := range []*Table{a.members, a.others} {
		var err error
		if guessed[side], err = a.guess(ctx, t.atMost(n, random)); err != nil {
			return nil, err
		}
	}
	x := Attack{Key: "inference", Title: "Attribute inference", Trials: n, Rate: guessed[0].mean.value, Control: guessed[1].mean.value}
	x.conclude(risk(guessed[0].mean, guessed[1].mean))
	x.clip()
	worst, worstRisk := 0, estimate{math.Inf(-1), 0}
	column := func(j int) estimate {
		return risk(wilson(guessed[0].hits[j], float64(n)), wilson(guessed[1].hits[j], float64(n)))
	}
	for j := range columns {
		if r := column(j); r.value > worstRisk.value {
			worst, worstRisk = j, r
		}
	}
	x.Note = fmt.Sprintf("guesses one column from all others, mean over columns; highest for %s: %.3f ± %.3f", columns[worst].name,
		worstRisk.value, worstRisk.error)
	out := []Attack{x}
	if g := a.e.target; g != nil {
		y := excess("inference_target", "Inference of "+columns[g.column].name, guessed[0].hits[g.column], guessed[1].hits[g.column], n)
		y.Note = "guesses the target column from all others"
		out = append(out, y)
	}
	return out, nil
}

// guesses are the right ones about a set of targets.
type guesses struct {
	hits []float64 // by secret column
	mean estimate  // share of right guesses a target, over targets
}

// guess finds, for every target and secret, the nearest synthetic row on the
// other columns.
func (a *attackData) guess(ctx context.Context, targets *Table) (guesses, error) {
	width := len(a.e.columns)
	known := a.layout.pack(targets)
	hit := make([]bool, targets.rows*width)
	err := parallel.Workers(ctx, targets.rows, func() func(int) error {
		nearest := make([]uint32, width) // distance on the other columns
		at := make([]int, width)
		return func(i int) error {
			for j := range nearest {
				nearest[j] = math.MaxUint32 - unit
			}
			limit := uint32(math.MaxUint32)
			query := known.categories(i)
			synthetic := a.packedSyn
			k := synthetic.firstNear(query, 0, cellsWithin(limit))
			for ; k < synthetic.rows; k = synthetic.firstNear(query, k+1, cellsWithin(limit)) {
				// A row whose distance on all columns exceeds the worst by a unit
				// cannot be nearer on all but one.
				whole := known.distance(i, a.packedSyn, k, limit)
				if whole >= limit {
					continue
				}
				worst := uint32(0)
				for j := range nearest {
					if d := whole - known.columnDistance(i, a.packedSyn, k, j); d < nearest[j] {
						nearest[j], at[j] = d, k
					}
					worst = max(worst, nearest[j])
				}
				limit = worst + unit
			}
			for j := range nearest {
				hit[i*width+j] = a.right(j, targets.columns[j][i], a.synthetic.columns[j][at[j]])
			}
			return nil
		}
	})
	out := guesses{hits: make([]float64, width)}
	var sum, squares float64
	for i := range targets.rows {
		share := 0.0
		for j := range width {
			if hit[i*width+j] {
				out.hits[j]++
				share += 1 / float64(width)
			}
		}
		sum += share
		squares += share * share
	}
	n := float64(targets.rows)
	mean := sum / n
	out.mean = estimate{mean, z95 * math.Sqrt(max(squares/n-mean*mean, 0)/n)}
	return out, err
}

// right tells whether a guess of column j is close enough.
func (a *attackData) right(j int, secret, guess uint32) bool {
	c := &a.e.columns[j]
	if secret == guess {
		return true
	}
	if !c.number || c.missing(secret) || c.missing(guess) {
		return false
	}
	x, y := a.synthetic.codec.Value(j, secret), a.synthetic.codec.Value(j, guess)
	return math.Abs(x-y) <= inferTolerance*math.Abs(x)
}
