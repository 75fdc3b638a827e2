package tabular

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

// awkward are listed values that a careless writer or reader would mangle.
var awkward = []string{
	"plain", "with, comma", `a "quoted" word`, "two\nlines", "tab\tinside", "semi;colon", "naïve café", "日本語",
	"=1+1", "-5", "+3", "@home", "#comment", "0", "007", "1e5", "NULL", "true", "'", `\.`, `"`, ",", "ID", "<=50K", "a  b", "/",
}

// randomSchema has 1 to 8 columns of all types; it compiles.
func randomSchema(r *rand.Rand) Schema {
	var s Schema
	s.Missing = [][]string{nil, {""}, {"NA", ""}, {"?"}, {"n/a, really", "NA"}}[r.IntN(5)]
	for i := range 1 + r.IntN(8) {
		s.Columns = append(s.Columns, randomColumn(r, i))
	}
	if r.IntN(3) == 0 {
		format := []string{"", "P%06d", "no. %d, of many", "%3d%%"}[r.IntN(4)]
		s.Columns = append(s.Columns, Column{Name: "ID", Type: ID, Format: format})
		last := len(s.Columns) - 1
		at := r.IntN(len(s.Columns))
		s.Columns[at], s.Columns[last] = s.Columns[last], s.Columns[at]
	}
	return s
}

func randomColumn(r *rand.Rand, i int) Column {
	c := Column{Name: fmt.Sprintf("column %d, %s", i, awkward[r.IntN(len(awkward))]), Nullable: r.IntN(2) == 0}
	switch r.IntN(9) {
	case 0:
		lo := r.Int64N(2e6) - 1e6
		hi := lo + 1 + r.Int64N(1<<uint(1+r.IntN(31)))
		c.Type, c.Bounds = Integer, []any{float64(lo), float64(hi)}
		c.Spike = Spikes{float64(lo + r.Int64N(hi-lo+1))}
	case 1:
		c.Type, c.Bounds, c.Scale = Integer, []any{r.IntN(2), int64(3 + r.Int64N(1<<20))}, Log
	case 2:
		p := r.IntN(7)
		scale := math.Pow10(p)
		lo := float64(r.Int64N(2e6)-1e6) / scale
		hi := decimal(lo+float64(1+r.Int64N(3e6))/scale, p)
		c.Type, c.Precision, c.Bounds = Real, &p, []any{decimal(lo, p), hi}
	case 3:
		lo := (r.Float64() - 0.5) * math.Pow(10, float64(r.IntN(12)-4))
		hi := lo + r.Float64()*math.Pow(10, float64(r.IntN(10)-2)) + 0.1
		c.Type, c.Bounds = Real, []any{lo, hi}
		c.Spike = Spikes{lo + (hi-lo)*float64(1+r.IntN(98))/99, hi}
	case 4:
		lo := []float64{0, 0.001, 1, 37.5}[r.IntN(4)]
		c.Type, c.Scale, c.Bounds = Real, Log, []any{lo, lo + math.Pow(10, float64(r.IntN(12)-3))}
		c.Spike = Spikes{lo}
	case 5:
		c.Type = []Type{Categorical, Ordinal}[r.IntN(2)]
		for _, k := range r.Perm(len(awkward))[:1+r.IntN(len(awkward))] {
			c.Values = append(c.Values, awkward[k])
		}
	case 6:
		c.Type = Boolean
		if r.IntN(2) == 0 {
			c.Values = []string{"No", "Yes"}
		}
	case 7:
		c.Type, c.Bounds = Datetime, []any{"1899-12-31", "2100-03-01"}
		c.Format = []string{"", "%d.%m.%Y", "%Y%m%d", "%B %d, %Y", "%Y-%j", "%d-%b-%Y"}[r.IntN(6)]
	case 8:
		c.Type, c.Bounds = Datetime, []any{"1999-12-31T23:00", "2020-02-29 12:00:00"}
		c.Format = []string{"%Y-%m-%dT%H:%M:%SZ", "%F %R", "%y/%m/%d %I:%M:%S %p", "%Y-%m-%d %H"}[r.IntN(4)]
	}
	return c
}

// decimal rounds v to p decimals by way of text.
func decimal(v float64, p int) float64 {
	out, err := strconv.ParseFloat(strconv.FormatFloat(v, 'f', p, 64), 64)
	if err != nil {
		panic(err)
	}
	return out
}

// randomCodes are n rows of codes of c, the extremes among them.
func randomCodes(r *rand.Rand, c *Codec, n int) [][]uint32 {
	columns := make([][]uint32, len(c.Learned()))
	for j := range columns {
		size := c.Size(j)
		for i := range n {
			code := r.Uint32N(size)
			switch {
			case i == 0:
				code = 0
			case i == 1:
				code = size - 1
			case i == 2 && size > 1:
				code = size - 2
			}
			columns[j] = append(columns[j], code)
		}
	}
	return columns
}

func compile(t testing.TB, s Schema) *Codec {
	t.Helper()
	c, err := s.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }
