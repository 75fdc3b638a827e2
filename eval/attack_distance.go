package eval

import (
	"context"
	"encoding/binary"
	"math"
)

// copies looks for synthetic rows that are rows of train. Copies happen by
// chance where rows have few possible values, and then rows of the holdout are
// hit as often; so of the distinct rows that occur on one side alone and were
// hit, half should be of train.
func (a *attackData) copies(_ context.Context, scores *Scores) ([]Attack, error) {
	whole := rowSet(a.e.options.Train)
	in, out := rowSet(a.members), rowSet(a.others)
	var identical, identicalOut int
	hit := map[string]bool{}
	eachRow(a.synthetic, func(row []byte) {
		if whole[string(row)] {
			identical++
		}
		if out[string(row)] {
			identicalOut++
		}
		if in[string(row)] != out[string(row)] {
			hit[string(row)] = true
		}
	})
	mine := 0
	for row := range hit {
		if in[row] {
			mine++
		}
	}
	n := float64(a.synthetic.rows)
	x := Attack{Key: "copies", Title: "Exact copies", Safe: .5, Trials: len(hit),
		Rate: float64(identical) / n, Control: float64(identicalOut) / n,
		Note: "of the rows that were hit and are in one set only, the share from train; " +
			"rates: share of synthetic rows that equal a row of train, and of the holdout sample"}
	if len(hit) == 0 {
		x.Trials = a.synthetic.rows
		x.Note = "no synthetic row equals a row that is in one set only"
		x.conclude(estimate{x.Safe, 0})
	} else {
		x.conclude(wilson(float64(mine), float64(len(hit))))
	}
	interval := wilson(float64(identical), n)
	*scores = append(*scores, Score{"identical_share", x.Rate, max(0, interval.value-interval.error), interval.value + interval.error})
	scores.add("identical_share_holdout", x.Control)
	return []Attack{x}, nil
}

// rowSet is the set of rows of t.
func rowSet(t *Table) map[string]bool {
	set := make(map[string]bool, t.rows)
	eachRow(t, func(row []byte) { set[string(row)] = true })
	return set
}

// eachRow visits rows as bytes, which are valid during the visit.
func eachRow(t *Table, visit func(row []byte)) {
	row := make([]byte, 4*len(t.columns))
	for i := range t.rows {
		for j := range t.columns {
			binary.LittleEndian.PutUint32(row[4*j:], t.columns[j][i])
		}
		visit(row)
	}
}

// queryRows bounds the synthetic rows whose neighbours are looked for.
const queryRows = 32_768

// distances compares how near synthetic rows come to train and to the holdout.
//
// dcr_share is the share of synthetic rows nearer to train, ties half. nndr is
// the mean ratio of the distances to the nearest and second nearest row of
// train; where it is lower than against the holdout, synthetic rows sit on
// single rows of train.
//
// Train is cut into parts of the holdout's size, two at most,
// and what is measured against each is averaged.
func (a *attackData) distances(ctx context.Context, scores *Scores) ([]Attack, error) {
	random := generator(a.e.options.Seed, "distances")
	queries := a.layout.pack(a.synthetic.atMost(queryRows, random))
	train := a.e.options.Train
	order := random.Perm(train.rows)
	// A train that is a few rows short of two parts has two, and those rows of
	// the holdout are left out.
	parts := max(1, min(2, int(float64(train.rows)/float64(a.others.rows)+.02)))
	n := min(a.others.rows, train.rows/parts)
	out, err := nearest(ctx, queries, a.layout.pack(a.others.selectRows(sequence(0, n))))
	if err != nil {
		return nil, err
	}
	var sum closeness
	for part := range parts {
		in, err := nearest(ctx, queries, a.layout.pack(train.selectRows(order[part*n:(part+1)*n])))
		if err != nil {
			return nil, err
		}
		sum.add(compareNeighbours(in, out), 1/float64(parts))
	}
	x := Attack{Key: "dcr_share", Title: "Distance to the closest record", Safe: .5, Trials: queries.rows,
		Rate: math.NaN(), Control: math.NaN(), Note: "share of synthetic rows nearer to train than to the holdout"}
	x.conclude(estimate{sum.nearer, z95 * sum.nearerError})
	y := Attack{Key: "nndr_gap", Title: "Nearest-neighbour distance ratio", Trials: queries.rows,
		Rate: sum.ratioIn, Control: sum.ratioOut, Note: "how much lower the mean ratio is against train than against the holdout"}
	y.conclude(estimate{sum.ratioOut - sum.ratioIn, z95 * sum.gapError})
	scores.add("nndr", sum.ratioIn)
	scores.add("nndr_holdout", sum.ratioOut)
	return []Attack{x, y}, nil
}

// closeness compares the neighbours of queries in train and in the holdout:
// means over the queries, and standard errors.
type closeness struct {
	nearer, nearerError         float64 // share nearer to train
	ratioIn, ratioOut, gapError float64
}

// add sums up weighted parts. Errors are averaged, since all parts share the
// queries and the holdout.
func (c *closeness) add(o closeness, weight float64) {
	c.nearer += weight * o.nearer
	c.nearerError += weight * o.nearerError
	c.ratioIn += weight * o.ratioIn
	c.ratioOut += weight * o.ratioOut
	c.gapError += weight * o.gapError
}

func compareNeighbours(in, out []neighbour) closeness {
	var c closeness
	n := float64(len(in))
	squares := 0.0
	// Synthetic rows with the same nearest real row are no independent trials:
	// whether that row is of train decides them together.
	decided := map[int32]float64{}
	for i := range in {
		switch {
		case in[i].first < out[i].first:
			c.nearer += 1 / n
			decided[in[i].at]++
		case in[i].first == out[i].first:
			c.nearer += .5 / n
		default:
			decided[-1-out[i].at]++
		}
		p, q := in[i].ratio(), out[i].ratio()
		c.ratioIn += p / n
		c.ratioOut += q / n
		squares += (q - p) * (q - p) / n
	}
	weight := 0.0
	for _, count := range decided {
		weight += count * count // integers: the order does not matter
	}
	c.nearerError = max(math.Sqrt(weight)/2, .5) / n
	gap := c.ratioOut - c.ratioIn
	// The variance of the mean, times how much rows share their neighbours.
	c.gapError = math.Sqrt(max(squares-gap*gap, 0) / n * max(1, weight/n))
	return c
}
