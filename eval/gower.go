package eval

import "math/bits"

// unit is the largest distance of two cells of a column.
const unit = 1<<16 - 1

// layout says how rows lie in memory for Gower's distance, the mean over
// columns of: |a−b| between positions in the declared bounds, on the declared
// scale, for ordered columns; 0 or 1 for categories; 1 between missing and a
// value (Gower 1971). Categories of up to 256 codes are bytes, eight of them
// compared at a time.
type layout struct {
	columns  []column
	narrow   []int  // categories, a byte each
	wide     []int  // categories of more codes
	plain    []int  // ordered, never missing
	nullable []int  // ordered, may be missing
	words    int    // of narrow categories
	cells    []slot // where each chosen column lies, in the order given
}

// slot is the place of a column in a packed row.
type slot struct {
	kind slotKind
	at   int
}

type slotKind int

const (
	narrowCell slotKind = iota
	wideCell
	plainCell
	nullableCell
)

func newLayout(columns []column, chosen []int) *layout {
	l := &layout{columns: columns}
	for _, j := range chosen {
		switch c := &columns[j]; {
		case c.ordered && c.nullable:
			l.cells = append(l.cells, slot{nullableCell, len(l.nullable)})
			l.nullable = append(l.nullable, j)
		case c.ordered:
			l.cells = append(l.cells, slot{plainCell, len(l.plain)})
			l.plain = append(l.plain, j)
		case c.size <= 256:
			l.cells = append(l.cells, slot{narrowCell, len(l.narrow)})
			l.narrow = append(l.narrow, j)
		default:
			l.cells = append(l.cells, slot{wideCell, len(l.wide)})
			l.wide = append(l.wide, j)
		}
	}
	l.words = (len(l.narrow) + 7) / 8
	return l
}

// width counts the columns.
func (l *layout) width() int {
	return len(l.cells)
}

// share is a distance in units as Gower's, in [0, 1].
func (l *layout) share(units uint32) float64 {
	return float64(units) / (unit * float64(max(1, l.width())))
}

// packed is a table laid out for distances, row-major.
type packed struct {
	layout   *layout
	rows     int
	narrow   []uint64 // [rows, words]
	wide     []uint32 // [rows, len(wide)]
	plain    []int32  // [rows, len(plain)], positions in [0, unit]
	nullable []int32  // [rows, len(nullable)], −1 for missing
}

func (l *layout) pack(t *Table) *packed {
	p := &packed{layout: l, rows: t.rows,
		narrow: make([]uint64, t.rows*l.words), wide: make([]uint32, t.rows*len(l.wide)),
		plain: make([]int32, t.rows*len(l.plain)), nullable: make([]int32, t.rows*len(l.nullable))}
	for k, j := range l.narrow {
		for i, code := range t.columns[j] {
			p.narrow[i*l.words+k/8] |= uint64(code) << (k % 8 * 8)
		}
	}
	for k, j := range l.wide {
		for i, code := range t.columns[j] {
			p.wide[i*len(l.wide)+k] = code
		}
	}
	for k, j := range l.plain {
		place := l.columns[j].units()
		for i, code := range t.columns[j] {
			p.plain[i*len(l.plain)+k] = place(code)
		}
	}
	for k, j := range l.nullable {
		place := l.columns[j].units()
		for i, code := range t.columns[j] {
			p.nullable[i*len(l.nullable)+k] = place(code)
		}
	}
	return p
}

// units maps codes to [0, unit], and missing to −1.
func (c *column) units() func(code uint32) int32 {
	place := func(code uint32) int32 {
		if c.missing(code) {
			return -1
		}
		return int32(c.position(code)*unit + .5)
	}
	if c.size > lookupCodes {
		return place
	}
	table := make([]int32, c.size)
	for code := range table {
		table[code] = place(uint32(code))
	}
	return func(code uint32) int32 { return table[code] }
}

const (
	lowBits  = 0x7f7f7f7f7f7f7f7f
	highBits = 0x8080808080808080
)

// differingBytes counts the bytes in which a and b differ.
func differingBytes(a, b uint64) int {
	x := a ^ b
	return bits.OnesCount64(((x & lowBits) + lowBits | x) & highBits)
}

// firstNear is the first row from k on whose narrow categories differ from those of
// query [words] in fewer than limit cells; rows if there is none. It passes over
// most rows in a few instructions.
func (p *packed) firstNear(query []uint64, k, limit int) int {
	switch len(query) {
	case 0:
		return k
	case 1:
		a := query[0]
		for i, b := range p.narrow[k:] {
			if differingBytes(a, b) < limit {
				return k + i
			}
		}
		return p.rows
	}
	for ; k < p.rows; k++ {
		n := 0
		for w, b := range p.narrow[k*len(query) : (k+1)*len(query)] {
			n += differingBytes(query[w], b)
		}
		if n < limit {
			return k
		}
	}
	return k
}

// categories are the narrow categories of row i, [words].
func (p *packed) categories(i int) []uint64 {
	w := p.layout.words
	return p.narrow[i*w : (i+1)*w]
}

// cellsWithin is the number of different cells from which on a distance is at
// least limit.
func cellsWithin(limit uint32) int { return int((uint64(limit) + unit - 1) / unit) }

// distance of row i of p and row k of q, in units, or some number of at least
// limit if it is that large.
func (p *packed) distance(i int, q *packed, k int, limit uint32) uint32 {
	l := p.layout
	n := 0
	a, b := p.narrow[i*l.words:(i+1)*l.words], q.narrow[k*l.words:(k+1)*l.words]
	for w := range a {
		n += differingBytes(a[w], b[w])
	}
	if w := len(l.wide); w > 0 {
		a, b := p.wide[i*w:(i+1)*w], q.wide[k*w:(k+1)*w]
		for c := range a {
			if a[c] != b[c] {
				n++
			}
		}
	}
	sum := uint32(n) * unit
	if sum >= limit {
		return sum
	}
	if w := len(l.plain); w > 0 {
		a, b := p.plain[i*w:(i+1)*w], q.plain[k*w:(k+1)*w]
		for c := range a {
			sum += uint32(max(a[c]-b[c], b[c]-a[c]))
		}
	}
	if w := len(l.nullable); w > 0 {
		a, b := p.nullable[i*w:(i+1)*w], q.nullable[k*w:(k+1)*w]
		for c := range a {
			switch {
			case a[c] >= 0 && b[c] >= 0:
				sum += uint32(max(a[c]-b[c], b[c]-a[c]))
			case a[c] != b[c]:
				sum += unit
			}
		}
	}
	return sum
}

// columnDistance is what column c of the layout adds to the distance of two rows.
func (p *packed) columnDistance(i int, q *packed, k, c int) uint32 {
	l, place := p.layout, p.layout.cells[c]
	same := false
	switch place.kind {
	case narrowCell:
		word, shift := place.at/8, place.at%8*8
		same = byte(p.narrow[i*l.words+word]>>shift) == byte(q.narrow[k*l.words+word]>>shift)
	case wideCell:
		same = p.wide[i*len(l.wide)+place.at] == q.wide[k*len(l.wide)+place.at]
	case plainCell:
		a, b := p.plain[i*len(l.plain)+place.at], q.plain[k*len(l.plain)+place.at]
		return uint32(max(a-b, b-a))
	default:
		a, b := p.nullable[i*len(l.nullable)+place.at], q.nullable[k*len(l.nullable)+place.at]
		if a >= 0 && b >= 0 {
			return uint32(max(a-b, b-a))
		}
		same = a == b
	}
	if same {
		return 0
	}
	return unit
}
