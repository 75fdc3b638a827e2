package learn

import (
	"fmt"
	"math"
	"slices"
)

// Feature is one column for trees: a number (Levels = 0, NaN where missing) or
// a category, the code of a level.
type Feature struct {
	Levels int
	Codes  []uint32
	Values []float64
}

// rows counts the rows of the feature.
func (f *Feature) rows() int {
	if f.Levels > 0 {
		return len(f.Codes)
	}
	return len(f.Values)
}

// maxFeatureBins bounds the histogram of a feature, so that a bin is a byte.
const maxFeatureBins = 256

// binner maps a feature to bins by what training rows showed.
type binner struct {
	levels int
	cuts   []float64 // numbers: bin b holds values in (cuts[b−1], cuts[b]]
	bins   []uint8   // categories: bin of each level
}

// size counts the bins. The last one is that of missing numbers, or of
// categories too rare for one of their own.
func (b *binner) size() int {
	if b.levels > 0 {
		return min(b.levels, maxFeatureBins)
	}
	return len(b.cuts) + 2
}

// newBinner gives a distinct value a bin where they fit, else about equal
// shares of the rows; of categories the most frequent ones a bin each.
func newBinner(f *Feature) *binner {
	if f.Levels > 0 {
		return newLevelBinner(f)
	}
	values := make([]float64, 0, len(f.Values))
	for _, v := range f.Values {
		if !math.IsNaN(v) {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	distinct := slices.Compact(slices.Clone(values))
	b := &binner{}
	if len(distinct) < maxFeatureBins {
		for i := 1; i < len(distinct); i++ {
			b.cuts = append(b.cuts, (distinct[i-1]+distinct[i])/2)
		}
		return b
	}
	const parts = maxFeatureBins - 1
	for k := 1; k < parts; k++ {
		// Between two values, so that equal ones stay together.
		at := len(values) * k / parts
		next, _ := slices.BinarySearch(distinct, values[at])
		if next == 0 {
			continue
		}
		cut := (distinct[next-1] + distinct[next]) / 2
		if len(b.cuts) == 0 || b.cuts[len(b.cuts)-1] < cut {
			b.cuts = append(b.cuts, cut)
		}
	}
	return b
}

func newLevelBinner(f *Feature) *binner {
	b := &binner{levels: f.Levels, bins: make([]uint8, f.Levels)}
	if f.Levels < maxFeatureBins {
		for level := range b.bins {
			b.bins[level] = uint8(level)
		}
		return b
	}
	counts := make([]int, f.Levels)
	order := make([]int, f.Levels)
	for _, code := range f.Codes {
		counts[code]++
	}
	for level := range order {
		order[level] = level
		b.bins[level] = maxFeatureBins - 1
	}
	slices.SortStableFunc(order, func(x, y int) int { return counts[y] - counts[x] })
	for bin, level := range order[:maxFeatureBins-1] {
		b.bins[level] = uint8(bin)
	}
	return b
}

// apply is the bin of every row.
func (b *binner) apply(f *Feature) []uint8 {
	out := make([]uint8, f.rows())
	if b.levels > 0 {
		for i, code := range f.Codes {
			out[i] = b.bins[code]
		}
		return out
	}
	for i, v := range f.Values {
		if math.IsNaN(v) {
			out[i] = uint8(b.size() - 1)
			continue
		}
		at, _ := slices.BinarySearch(b.cuts, v)
		out[i] = uint8(at)
	}
	return out
}

// checkFeatures refuses ragged columns and levels out of range.
func checkFeatures(features []Feature) error {
	if len(features) == 0 {
		return fmt.Errorf("learn: features=0: want at least one")
	}
	for j := range features {
		f := &features[j]
		if f.rows() != features[0].rows() {
			return fmt.Errorf("learn: feature %d has %d rows: want %d", j, f.rows(), features[0].rows())
		}
		for i, code := range f.Codes {
			if int(code) >= f.Levels {
				return fmt.Errorf("learn: feature %d: row %d: level %d: want less than %d", j, i, code, f.Levels)
			}
		}
	}
	return nil
}
