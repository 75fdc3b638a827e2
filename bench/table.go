package bench

import (
	"errors"
	"math/rand/v2"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
)

// oneHot lays out columns of so many categories side by side.
func oneHot(columns, categories int) *device.Layout {
	layout := &device.Layout{Width: columns * categories}
	for j := range columns {
		span := device.Span{Column: j, Start: j * categories}
		for k := range categories + 1 {
			span.Edges = append(span.Edges, uint32(k))
		}
		layout.Spans = append(layout.Spans, span)
	}
	return layout
}

// madeUpGate holds rows of uniform categories, a chunk of them again and again:
// what they are does not matter, where they lie does.
func madeUpGate(layout *device.Layout, rows int) (*dpsgd.Gate, error) {
	const chunk = 8192
	sizes, codes := make([]uint32, len(layout.Spans)), make([][]uint32, len(layout.Spans))
	draws := rand.New(rand.NewPCG(1, 2))
	for j := range sizes {
		sizes[j] = uint32(layout.Spans[j].Modes())
		codes[j] = make([]uint32, chunk)
		for i := range codes[j] {
			codes[j][i] = draws.Uint32N(sizes[j])
		}
	}
	gate := dpsgd.NewGate(sizes, nil, dpsgd.SecureEntropy())
	for left := rows; left > 0; left -= chunk {
		part := make([][]uint32, len(codes))
		for j := range part {
			part[j] = codes[j][:min(chunk, left)]
		}
		if err := gate.Append(part); err != nil {
			return nil, err
		}
	}
	return gate, nil
}

// rows is a batch [batch, dim] of the kind that training sees: one-hot, in
// columns of 100 categories, or dense normals.
func (a *allocator) rows(batch, dim int, hot bool) device.Matrix {
	if !hot {
		return a.filled(batch, dim)
	}
	layout := oneHot(dim/hotCategories, hotCategories)
	columns, indices := make([]device.Codes, len(layout.Spans)), make([]uint32, batch)
	for j := range columns {
		columns[j].U8 = make([]uint8, batch)
		for i := range batch {
			columns[j].U8[i] = uint8((7*i + 13*j) % hotCategories)
			indices[i] = uint32(i)
		}
	}
	x, at, count := a.matrix(batch, dim), a.buffer(device.Uint32, batch), a.buffer(device.Uint32, 1)
	if a.err != nil {
		return x
	}
	table, err := a.Device.NewTable(columns) // scaffolding, gone before the clock starts
	if err != nil {
		a.err = err
		return x
	}
	a.Upload(at, 0, indices)
	a.Upload(count, 0, []uint32{uint32(batch)})
	a.ExpandCodes(x, table, layout, at, count)
	a.err = errors.Join(a.err, a.Sync())
	table.Release()
	return x
}

// hotCategories is the number of values of a column in wide one-hot rows.
const hotCategories = 100
