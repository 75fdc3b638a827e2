package gan

import (
	"math"
	"slices"
	"strconv"

	"github.com/dpgan/dpgan/tabular"
)

// A number's public bins are cut for large tables. A small one measures groups
// of them: noise is per bin, and empty bins have it too.
type groups struct {
	edges []uint32 // of the bins measured
	first []int    // fine bin that a bin begins with, and their number at the end
	size  int      // fine bins of a bin, but for those that stand alone
}

// group joins neighbouring fine bins of column j until about limit are left. A
// list keeps its values, a number its declared spikes and "missing".
func group(codec *tabular.Codec, j, limit int) groups {
	fine := codec.FineEdges(j)
	column := codec.Schema().Columns[codec.Learned()[j]]
	alone := []uint32{}
	for _, v := range column.Spike {
		if code, err := codec.Encode(j, strconv.FormatFloat(v, 'f', -1, 64)); err == nil {
			alone = append(alone, code)
		}
	}
	if column.Nullable {
		alone = append(alone, codec.Size(j)-1)
	}
	size := 1
	if bins := len(fine) - 1; number(codec, j) && bins > limit {
		size = (bins + limit - 1) / limit
	}
	g := groups{edges: []uint32{0}, size: size}
	held := 0
	for b := range len(fine) - 1 {
		single := fine[b+1]-fine[b] == 1 && slices.Contains(alone, fine[b])
		if held > 0 && (held == size || single) {
			g.edges, held = append(g.edges, fine[b]), 0
		}
		if held == 0 {
			g.first = append(g.first, b)
		}
		held++
		if single {
			held = size
		}
	}
	g.edges, g.first = append(g.edges, fine[len(fine)-1]), append(g.first, len(fine)-1)
	return g
}

// fineNoise is the noise of a fine bin whose bin has the given one: so that the
// noise of any run of bins comes out right.
func (g groups) fineNoise(noise float64) float64 { return noise / math.Sqrt(float64(g.size)) }

// spread shares the counts of the bins measured evenly among their fine bins.
func (g groups) spread(counts []float64) []float64 {
	out := make([]float64, 0, g.first[len(g.first)-1])
	for k, n := range counts {
		size := g.first[k+1] - g.first[k]
		for range size {
			out = append(out, n/float64(size))
		}
	}
	return out
}
