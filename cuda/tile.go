//go:build gpu

package cuda

import "github.com/dpgan/dpgan/device"

// tile is a square into which products are cut: the kernels in tile.h and tensor.h.
type tile struct {
	name string // that kernels end in
	side int
}

// The tiles, from the largest on.
var (
	singleTiles = []tile{{"64", 64}, {"32", 32}}
	tensorTiles = []tile{{"tf32_128", 128}, {"tf32_64", 64}, {"tf32_32", 32}}
)

// enoughBlocks is about the number of multiprocessors of a large GPU. Fewer blocks
// leave some without work, so the tiles get smaller. The choice is the shape's
// alone, or two GPUs would add in different orders.
const enoughBlocks = 128

// tile is the largest of which a product [rows, cols] has enough, or the smallest.
func (d *Device) tile(rows, cols int) tile {
	tiles := singleTiles
	if d.precision == device.TensorFloat32 {
		tiles = tensorTiles
	}
	for _, t := range tiles {
		if ceil(rows, t.side)*ceil(cols, t.side) >= enoughBlocks {
			return t
		}
	}
	return tiles[len(tiles)-1]
}

// grid is the tiles of a product [rows, cols].
func (t tile) grid(rows, cols int) grid {
	return grid{x: ceil(rows, t.side), y: ceil(cols, t.side), z: 1}
}
