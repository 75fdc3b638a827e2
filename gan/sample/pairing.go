package sample

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/dpgan/dpgan/gan/mixture"
	"github.com/dpgan/dpgan/tabular"
)

// Columns that an order derives from others are measured and fitted as distances
// (tabular.Difference). Rows take that form on their way into the gate, each by
// itself, so that one row still counts once in each table, and leave it on the
// way out of the mixture. Conditions, rules and gaps to fill are about the
// columns themselves: those are answered here, by how probable a distance from
// each value of the base is.

// codeRun is a run of codes in a cell, and how probable each code of it is there.
type codeRun struct {
	tabular.Run
	cell    uint32
	density float64
}

// flat lists the pieces of all cells by their codes.
func (d *decoder) flat() []codeRun {
	var out []codeRun
	for cell, pieces := range d.pieces {
		before, all := 0.0, d.share(cell)
		for k, run := range pieces {
			if share := d.sums[cell][k] - before; share > 0 {
				out = append(out, codeRun{run, uint32(cell), share / all / float64(run.To-run.From)})
			}
			before = d.sums[cell][k]
		}
	}
	slices.SortFunc(out, func(a, b codeRun) int { return int(int64(a.From) - int64(b.From)) })
	return out
}

// baseDistance knows how the cells of a base and of a distance make up the target.
type baseDistance struct {
	*tabular.Difference
	base, distance []codeRun
	inCell         [][]codeRun // of the base, by cell
	distances      uint32      // codes of the distance that are no gap
}

func newBaseDistance(d *tabular.Difference, base, distance *decoder) *baseDistance {
	p := &baseDistance{Difference: d, base: base.flat(), distance: distance.flat(), distances: d.Distance(0, math.MaxUint32)}
	p.inCell = make([][]codeRun, len(base.pieces))
	for _, b := range p.base {
		p.inCell[b.cell] = append(p.inCell[b.cell], b)
	}
	return p
}

// cellPairs are the pairs of cells that may give the target one of codes, each with
// the probability that it does.
func (p *baseDistance) cellPairs(codes tabular.CodeSet) []mixture.Link {
	type pair struct{ a, b uint32 }
	sum := map[pair]float64{}
	p.each(p.base, codes, func(b, r *codeRun, n float64) {
		sum[pair{b.cell, r.cell}] += n * b.density * r.density
	})
	out := make([]mixture.Link, 0, len(sum))
	for at, share := range sum {
		out = append(out, mixture.Link{A: at.a, B: at.b, Share: share})
	}
	slices.SortFunc(out, func(x, y mixture.Link) int {
		if x.A != y.A {
			return int(int64(x.A) - int64(y.A))
		}
		return int(int64(x.B) - int64(y.B))
	})
	return out
}

// each calls visit for the pieces, one of base and one of the distance, of which
// n > 0 pairs of codes give the target one of codes.
func (p *baseDistance) each(base []codeRun, codes tabular.CodeSet, visit func(b, r *codeRun, n float64)) {
	for i := range base {
		b := &base[i]
		for _, run := range codes {
			one := tabular.CodeSet{run}
			least := p.Distance(b.To-1, run.From) // a target nearer than 0 is clamped
			if run.From == 0 {
				least = 0
			}
			most := p.farthest(b.From, run.To)
			for k := sort.Search(len(p.distance), func(k int) bool { return p.distance[k].To > least }); k < len(p.distance); k++ {
				r := &p.distance[k]
				n := 0.0
				switch {
				case r.From >= p.distances:
					if run.To > p.Restore(0, r.From) && run.From <= p.Restore(0, r.From) {
						n = float64(b.To - b.From)
					}
				case r.From <= most:
					n = p.Pairs(b.Run, r.Run, one)
				default:
					k = max(k, sort.Search(len(p.distance), func(k int) bool { return p.distance[k].To > p.distances })-1)
				}
				if n > 0 {
					visit(b, r, n)
				}
			}
		}
	}
}

// farthest is the largest distance from a code of the base that may lead to a
// target below code to.
func (p *baseDistance) farthest(base, to uint32) uint32 {
	if p.Restore(base, p.distances-1) < to {
		return p.distances - 1
	}
	return p.Distance(base, to-1)
}

// draw draws codes of base and distance out of two cells that give the target one
// of codes; false if none do.
func (p *baseDistance) draw(cellBase, cellDistance uint32, codes tabular.CodeSet, random *rand.Rand) (base, distance uint32, ok bool) {
	type option struct {
		b, r *codeRun
		run  tabular.Run
	}
	var (
		options []option
		weights []float64
	)
	for _, run := range codes {
		p.each(p.inCell[cellBase], tabular.CodeSet{run}, func(b, r *codeRun, n float64) {
			if r.cell == cellDistance {
				options, weights = append(options, option{b, r, run}), append(weights, n*b.density*r.density)
			}
		})
	}
	k, ok := drawWeighted(weights, random)
	if !ok {
		return 0, 0, false
	}
	b, r, run := options[k].b.Run, options[k].r.Run, options[k].run
	if r.From >= p.distances {
		return b.From + random.Uint32N(b.To-b.From), r.From, true
	}
	// A base code is as probable as it has distances: its place among all pairs,
	// counted from the first code on, is found by halves.
	at := math.Floor(random.Float64() * p.Pairs(b, r, tabular.CodeSet{run}))
	base = b.From + uint32(sort.Search(int(b.To-b.From)-1, func(n int) bool {
		return p.Pairs(tabular.Run{From: b.From, To: b.From + uint32(n) + 1}, r, tabular.CodeSet{run}) > at
	}))
	one := tabular.Run{From: base, To: base + 1}
	at = math.Floor(random.Float64() * p.Pairs(one, r, tabular.CodeSet{run}))
	distance = r.From + uint32(sort.Search(int(r.To-r.From)-1, func(n int) bool {
		return p.Pairs(one, tabular.Run{From: r.From, To: r.From + uint32(n) + 1}, tabular.CodeSet{run}) > at
	}))
	return base, distance, true
}
