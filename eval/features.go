package eval

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/eval/learn"
)

// maxClasses bounds the classes of a target: with more of them the rows a
// class are too few to learn from.
const maxClasses = 50

// target is the column that models are to predict.
type target struct {
	column  int
	classes int // 0 for a number
}

// findTarget looks up the target by name; nil for no name.
func findTarget(columns []column, name string) (*target, error) {
	if name == "" {
		return nil, nil
	}
	for j := range columns {
		c := &columns[j]
		if c.name != name {
			continue
		}
		if c.number {
			return &target{column: j}, nil
		}
		classes := int(c.size)
		if c.nullable {
			classes--
		}
		if classes > maxClasses {
			return nil, fmt.Errorf("eval: data.target=%q: %d categories: want at most %d, or another target", name, classes, maxClasses)
		}
		if classes < 2 {
			return nil, fmt.Errorf("eval: data.target=%q: %d category: want at least 2, or another target", name, classes)
		}
		return &target{column: j, classes: classes}, nil
	}
	return nil, fmt.Errorf("eval: data.target=%q: not a learned column of the schema", name)
}

// known is the table without the rows whose target is missing, which teach
// nothing and cannot be judged.
func (g *target) known(t *Table, columns []column) *Table {
	c := &columns[g.column]
	var rows []int
	for i, code := range t.columns[g.column] {
		if !c.missing(code) {
			rows = append(rows, i)
		}
	}
	if len(rows) == t.rows {
		return t
	}
	return t.selectRows(rows)
}

// values are the classes or numbers of the target.
func (g *target) values(t *Table) learn.Target {
	out := learn.Target{Classes: g.classes, Values: make([]float64, t.rows)}
	for i, code := range t.columns[g.column] {
		if g.classes > 0 {
			out.Values[i] = float64(code)
		} else {
			out.Values[i] = t.codec.Value(g.column, code)
		}
	}
	return out
}

// allBut is the columns but one; all for −1.
func allBut(columns []column, left int) []int {
	var out []int
	for j := range columns {
		if j != left {
			out = append(out, j)
		}
	}
	return out
}

// oneHot are one-hot features: the public bins of the given columns.
func oneHot(columns []column, b binned, chosen []int) learn.Cells {
	var out learn.Cells
	for _, j := range chosen {
		out.Sizes = append(out.Sizes, columns[j].bins())
		out.Codes = append(out.Codes, b[j])
	}
	return out
}

// binFeatures are the public bins as features of trees, numbers and ordinals
// in their order.
func binFeatures(columns []column, b binned, chosen []int) []learn.Feature {
	out := make([]learn.Feature, len(chosen))
	for k, j := range chosen {
		c := &columns[j]
		if !c.ordered {
			out[k] = learn.Feature{Levels: c.bins(), Codes: b[j]}
			continue
		}
		values := make([]float64, len(b[j]))
		last := uint32(c.bins() - 1)
		for i, x := range b[j] {
			values[i] = float64(x)
			if c.nullable && x == last {
				values[i] = math.NaN()
			}
		}
		out[k].Values = values
	}
	return out
}

// exactFeatures are the cells as they are in the file.
func exactFeatures(columns []column, t *Table, chosen []int) []learn.Feature {
	out := make([]learn.Feature, len(chosen))
	for k, j := range chosen {
		c := &columns[j]
		if !c.ordered {
			out[k] = learn.Feature{Levels: int(c.size), Codes: t.columns[j]}
			continue
		}
		out[k].Values = numbers(t, j)
	}
	return out
}

// numbers are the values of column j, NaN where missing.
func numbers(t *Table, j int) []float64 {
	values := make([]float64, t.rows)
	for i, code := range t.columns[j] {
		values[i] = t.codec.Value(j, code)
	}
	return values
}
