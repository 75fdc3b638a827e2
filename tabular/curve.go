package tabular

import (
	"fmt"
	"math"
	"sort"
	"strconv"
)

const (
	// curveCodes is the number of codes of a real column without precision:
	// finer than any histogram that noise leaves readable, 20 bits a cell.
	curveCodes = 1 << 20
	// logDecades is how many decades below hi a log scale resolves if lo is 0.
	logDecades = 6
	// maxDecimals bounds the text of a cell.
	maxDecimals = 30
	// resolvedStep is the least distance of neighbouring values, in units of
	// the last place, at which text and float64 still tell them apart.
	resolvedStep = 64
)

// curve is the coder of reals without precision. With t(x) = x (linear),
// log x (log, lo > 0) or log1p(x/shift) (log, lo = 0), code k stands for
//
//	t⁻¹(t(lo) + k·(t(hi)-t(lo))/(curveCodes-1)),
//
// rounded to the fewest decimals that keep it apart from its neighbours. The
// bounds and the spikes are written as declared.
type curve struct {
	lo, hi     float64
	log        bool
	shift      float64 // > 0 if lo is 0 on a log scale, else 0
	start, inv float64 // t(lo) and 1/step in t
	step       float64
	// finer[d] is the first code that d decimals are enough for; descending.
	finer []uint32
	exact map[uint32]float64 // bounds and spikes
}

// newCurve is ready but for its spikes, which addSpike adds.
func newCurve(lo, hi float64, log bool) (*curve, error) {
	c := &curve{lo: lo, hi: hi, log: log}
	if log && lo == 0 {
		c.shift = hi / math.Pow10(logDecades)
	}
	c.start = c.forward(lo)
	c.step = (c.forward(hi) - c.start) / (curveCodes - 1)
	c.inv = 1 / c.step
	last := uint32(curveCodes - 1)
	for _, k := range []uint32{1, last} {
		v := c.raw(k)
		ulp := math.Nextafter(math.Abs(v), math.Inf(1)) - math.Abs(v)
		if gap := v - c.raw(k-1); !(gap >= resolvedStep*ulp) {
			return nil, fmt.Errorf("too narrow for 2^20 steps of float64: declare precision")
		}
	}
	if c.decimals(1) > maxDecimals {
		return nil, fmt.Errorf("more than %d decimals: declare the column in a smaller unit", maxDecimals)
	}
	for d := 0; d <= c.decimals(1); d++ {
		c.finer = append(c.finer, 1+uint32(sort.Search(curveCodes-1, func(k int) bool {
			return c.decimals(uint32(k)+1) <= d
		})))
	}
	c.exact = map[uint32]float64{0: lo, last: hi}
	return c, nil
}

// addSpike makes v the text of its code; false if another spike has that code.
func (c *curve) addSpike(v float64) (uint32, bool) {
	code, ok := c.encodeFloat(v)
	if !ok {
		return 0, false
	}
	if old, taken := c.exact[code]; taken && old != v {
		return code, false
	}
	c.exact[code] = v
	return code, true
}

func (c *curve) forward(x float64) float64 {
	switch {
	case !c.log:
		return x
	case c.shift > 0:
		return math.Log1p(x / c.shift)
	}
	return math.Log(x)
}

// raw is the unrounded value of a code.
func (c *curve) raw(code uint32) float64 {
	t := c.start + float64(code)*c.step
	switch {
	case !c.log:
		return t
	case c.shift > 0:
		return c.shift * math.Expm1(t)
	}
	return math.Exp(t)
}

// decimals is how many decimals code >= 1 needs: the rounding error, at most
// half of the last place, stays below 0.45 of the gap to the code below, which
// is the narrower one on both scales.
func (c *curve) decimals(code uint32) int {
	return max(0, int(math.Ceil(-math.Log10(0.9*(c.raw(code)-c.raw(code-1))))))
}

func (c *curve) size() uint64 { return curveCodes }

func (c *curve) encode(cell string) (uint32, bool) {
	v, ok := parseFloat(cell)
	if !ok {
		return 0, false
	}
	return c.encodeFloat(v)
}

func (c *curve) encodeInt(v int64) (uint32, bool) { return c.encodeFloat(float64(v)) }

func (c *curve) encodeFloat(v float64) (uint32, bool) {
	if !(v >= c.lo && v <= c.hi) {
		return 0, false
	}
	return min(uint32((c.forward(v)-c.start)*c.inv+0.5), curveCodes-1), true
}

// rounded is a code's value as units of 10^-decimals.
func (c *curve) rounded(code uint32) (units int64, decimals int) {
	decimals = sort.Search(len(c.finer), func(d int) bool { return code >= c.finer[d] })
	return int64(math.Round(c.raw(code) * math.Pow10(decimals))), decimals
}

func (c *curve) append(dst []byte, code uint32) []byte {
	if v, ok := c.exact[code]; ok {
		return strconv.AppendFloat(dst, v, 'f', -1, 64)
	}
	units, decimals := c.rounded(code)
	if decimals <= maxDigits {
		return appendUnits(dst, units, decimals)
	}
	return strconv.AppendFloat(dst, float64(units)/math.Pow10(decimals), 'f', decimals, 64)
}

func (c *curve) value(code uint32) float64 {
	if v, ok := c.exact[code]; ok {
		return v
	}
	units, decimals := c.rounded(code)
	return float64(units) / math.Pow10(decimals)
}

func (c *curve) refuse(cell string) string {
	if _, ok := parseFloat(cell); !ok {
		return refuseNumber(cell)
	}
	return fmt.Sprintf("outside the declared bounds [%s, %s]: widen the bounds or correct the cell",
		strconv.FormatFloat(c.lo, 'f', -1, 64), strconv.FormatFloat(c.hi, 'f', -1, 64))
}
