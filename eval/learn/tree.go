package learn

import "github.com/dpgan/dpgan/internal/parallel"

// tree is a binary tree in an array. Node 0 is the root.
type tree []node

// node is a split, or a leaf if left is 0.
type node struct {
	feature     int32
	left, right int32
	goes        bitset // the bins that go left
	leaf        float64
}

// value is the leaf of row i of bins [features][rows].
func (t tree) value(bins [][]uint8, i int) float64 {
	n := &t[0]
	for n.left != 0 {
		if n.goes.has(bins[n.feature][i]) {
			n = &t[n.left]
		} else {
			n = &t[n.right]
		}
	}
	return n.leaf
}

// bitset is a set of bins.
type bitset [maxFeatureBins / 64]uint64

func (b *bitset) add(bin uint8)      { b[bin/64] |= 1 << (bin % 64) }
func (b *bitset) has(bin uint8) bool { return b[bin/64]>>(bin%64)&1 != 0 }

// grower grows trees leaf by leaf, always the leaf whose split gains most.
type grower struct {
	bins    [][]uint8 // [features][rows]
	binners []*binner
	rows    []int32 // grouped by leaf
	spare   []int32
	near    []slope       // the slopes of a leaf's rows, side by side
	pool    [][]histogram // [features] each, for reuse
}

func newGrower(bins [][]uint8, binners []*binner) *grower {
	rows := len(bins[0])
	return &grower{bins: bins, binners: binners, rows: make([]int32, rows), spare: make([]int32, rows), near: make([]slope, rows)}
}

// leaf is a leaf that may still be split.
type leaf struct {
	node       int32
	from, to   int // its rows
	sum        slope
	histograms []histogram
	found      []split // by feature
	best       split
}

// grow fits one tree to slopes [rows] and adds its shrunken leaves to scores.
func (g *grower) grow(slopes []slope, scores []float64) tree {
	root := leaf{to: len(g.rows)}
	for i := range g.rows {
		g.rows[i] = int32(i)
		root.sum.g += slopes[i].g
		root.sum.h += slopes[i].h
	}
	root.histograms = g.histograms()
	g.gather(&root, slopes)
	g.each(len(g.rows), func(j int) {
		g.fillHistogram(&root, j)
		g.search(&root, j)
	})
	root.choose()
	t := tree{{}}
	leaves := []leaf{root}
	for len(leaves) < maxLeaves {
		at := 0
		for k := range leaves {
			if leaves[k].best.gain > leaves[at].best.gain {
				at = k
			}
		}
		if leaves[at].best.gain <= 0 {
			break
		}
		left, right := g.split(&leaves[at], slopes, int32(len(t)))
		s := &leaves[at].best
		t[leaves[at].node] = node{feature: int32(s.feature), left: left.node, right: right.node, goes: s.goes}
		t = append(t, node{}, node{})
		leaves[at] = left
		leaves = append(leaves, right)
	}
	for k := range leaves {
		l := &leaves[k]
		value := -shrinkage * l.sum.g / (l.sum.h + leafRidge)
		t[l.node].leaf = value
		for _, i := range g.rows[l.from:l.to] {
			scores[i] += value
		}
		g.pool = append(g.pool, l.histograms)
	}
	return t
}

// split divides the rows of l, keeping their order. The smaller half is
// counted; the other's histogram is what is left of the parent's.
func (g *grower) split(l *leaf, slopes []slope, next int32) (left, right leaf) {
	s := &l.best
	bins := g.bins[s.feature]
	mid, rest := l.from, 0
	for _, i := range g.rows[l.from:l.to] {
		if s.goes.has(bins[i]) {
			g.rows[mid] = i
			mid++
		} else {
			g.spare[rest] = i
			rest++
		}
	}
	copy(g.rows[mid:l.to], g.spare[:rest])
	left = leaf{node: next, from: l.from, to: mid, sum: s.left}
	right = leaf{node: next + 1, from: mid, to: l.to, sum: slope{l.sum.g - s.left.g, l.sum.h - s.left.h}}
	small, large := &left, &right
	if right.to-right.from < left.to-left.from {
		small, large = large, small
	}
	large.found = make([]split, len(g.bins))
	small.histograms, large.histograms = g.histograms(), l.histograms
	g.gather(small, slopes)
	g.each(l.to-l.from, func(j int) {
		g.fillHistogram(small, j)
		large.histograms[j].subtract(small.histograms[j])
		g.search(small, j)
		g.search(large, j)
	})
	small.choose()
	large.choose()
	return left, right
}

// histograms are one for every feature, with any content.
func (g *grower) histograms() []histogram {
	if n := len(g.pool); n > 0 {
		out := g.pool[n-1]
		g.pool = g.pool[:n-1]
		return out
	}
	out := make([]histogram, len(g.bins))
	for j, b := range g.binners {
		out[j] = make(histogram, b.size())
	}
	return out
}

// gather puts the slopes of a leaf's rows side by side.
func (g *grower) gather(l *leaf, slopes []slope) {
	l.found = make([]split, len(g.bins))
	for k, i := range g.rows[l.from:l.to] {
		g.near[k] = slopes[i]
	}
}

// fillHistogram fills the histogram of feature j of the leaf that was gathered last.
func (g *grower) fillHistogram(l *leaf, j int) {
	rows := g.rows[l.from:l.to]
	l.histograms[j].count(g.bins[j], rows, g.near[:len(rows)])
}

// search finds the best split of a leaf by feature j.
func (g *grower) search(l *leaf, j int) {
	l.found[j] = bestSplit(g.binners[j], l.histograms[j], l.sum)
	l.found[j].feature = j
}

// choose takes the best split; of equal ones that of the first feature.
func (l *leaf) choose() {
	for _, s := range l.found {
		if s.gain > l.best.gain {
			l.best = s
		}
	}
}

// aloneBelow is the number of cells under which one core is faster than two.
const aloneBelow = 20_000

// each calls work for every feature of a leaf of so many rows.
func (g *grower) each(rows int, work func(j int)) {
	if rows*len(g.bins) > aloneBelow {
		parallel.Each(len(g.bins), work)
		return
	}
	for j := range g.bins {
		work(j)
	}
}
