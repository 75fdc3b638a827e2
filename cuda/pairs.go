//go:build gpu

package cuda

import "github.com/dpgan/dpgan/device"

// pairTable is PairTable of kernels/pairs.cu.
type pairTable struct {
	a, b, target                  int32
	countB, countTarget, gradient uint32
	offset                        uint64
}

// pairTables is device.PairTables on the GPU.
type pairTables struct {
	limits []int // device.PairTables.Limits
	tables array[pairTable]
}

// pairTables checks pairs and places them on the GPU, or fetches them.
func (o operation) pairTables(pairs *device.PairTables) *pairTables {
	if o.failed() {
		return nil
	}
	if p, ok := o.pairs[pairs]; ok {
		o.note(p.tables.address)
		return p
	}
	limits, err := pairs.Limits()
	if err != nil {
		o.fail("%s: %w", o.name, err)
		return nil
	}
	var tables []pairTable
	for _, t := range pairs.Tables {
		tables = append(tables, pairTable{int32(t.A), int32(t.B), int32(t.Target),
			uint32(t.CountB), uint32(t.CountTarget), uint32(t.Gradient), uint64(t.Offset)})
	}
	p := &pairTables{limits: limits, tables: array[pairTable]{n: len(tables)}}
	if err := o.do(func() (err error) {
		p.tables.address, err = o.uploadConstant(bytesOf(tables))
		return err
	}); err != nil {
		o.fail("%s: pair tables: %w", o.name, err)
		return nil
	}
	o.pairs[pairs] = p
	o.note(p.tables.address)
	return p
}

// PairGradients adds the gradients of rows of the table. An index beyond the table is an
// error, which Sync and Download report.
func (d *Device) PairGradients(sum device.Vector, from device.Table, pairs *device.PairTables, indices, count device.Buffer) {
	o := d.begin("PairGradients")
	tables := o.pairTables(pairs)
	if o.failed() {
		return
	}
	codes := o.table(from, len(tables.limits))
	sums := o.integers("sum", sum, pairs.Weights)
	index := o.memoryOf("indices", indices, device.Uint32)
	counted := o.uint32s("count", count, 1)
	if o.failed() {
		return
	}
	if err := device.WithinLimits(codes.limits, tables.limits); err != nil {
		o.fail("PairGradients: %w", err)
		return
	}
	rows := o.uint32s("indices", index, index.n)
	const rowsPerBlock = 256
	o.launchPairGradients(blocks(ceil(index.n, rowsPerBlock)*len(pairs.Tables)), sums, codes.described(), o.rows(codes),
		tables.tables, uint32(index.n), rows, counted, d.fault)
}
