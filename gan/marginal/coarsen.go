package marginal

import (
	"slices"
	"strconv"

	"github.com/dpgan/dpgan/tabular"
)

// A number's public bins are cut for large tables. A small one measures runs
// of them: noise is per bin, and empty bins have it too.

// coarsen joins neighbouring fine bins of column j until about limit are left, and
// returns the edges. A list keeps its values, a number its declared spikes and
// "missing".
func coarsen(codec *tabular.Codec, j, limit int) []uint32 {
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
	if bins := len(fine) - 1; !codec.Listed(j) && bins > limit {
		size = (bins + limit - 1) / limit
	}
	edges, held := []uint32{0}, 0
	for b := range len(fine) - 1 {
		single := fine[b+1]-fine[b] == 1 && slices.Contains(alone, fine[b])
		if held > 0 && (held == size || single) {
			edges, held = append(edges, fine[b]), 0
		}
		held++
		if single {
			held = size
		}
	}
	return append(edges, fine[len(fine)-1])
}
