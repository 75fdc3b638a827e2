package cpu

import "github.com/dpgan/dpgan/device"

// pairPlan is what PairGradients derives from its tables once.
type pairPlan struct {
	limits  []int // device.PairTables.Limits
	columns []int // those that tables look at
	tables  []pairTable
}

// pairTable is a device.PairTable whose columns are numbers in pairPlan.columns.
type pairTable struct {
	a, b, target        int // target -1: none
	countB, countTarget int
	offset, end         int
	gradient            uint64
}

// pairPlan checks pairs and derives what is needed, or fetches it.
func (o operation) pairPlan(pairs *device.PairTables) *pairPlan {
	if o.failed() {
		return nil
	}
	if p, ok := o.pairPlans[pairs]; ok {
		return p
	}
	limits, err := pairs.Limits()
	if err != nil {
		o.fail("%s: %w", o.name, err)
		return nil
	}
	p, place := &pairPlan{limits: limits}, make([]int, len(limits))
	for column, limit := range limits {
		if limit > 0 {
			place[column] = len(p.columns)
			p.columns = append(p.columns, column)
		}
	}
	for i := range pairs.Tables {
		t := &pairs.Tables[i]
		own := pairTable{a: place[t.A], b: place[t.B], target: -1, countB: t.CountB, countTarget: t.CountTarget,
			offset: t.Offset, end: t.Offset + limits[t.A]*t.CountB*t.CountTarget, gradient: uint64(t.Gradient)}
		if t.Target >= 0 {
			own.target = place[t.Target]
		}
		p.tables = append(p.tables, own)
	}
	o.pairPlans[pairs] = p
	return p
}
