package learn

import (
	"errors"
	"fmt"
	"math"
)

// Target is what is to be predicted.
type Target struct {
	// Classes is the number of classes, or 0 for a number.
	Classes int
	// Values has one entry a row: the class, from 0, or the number.
	Values []float64
}

// ErrOneClass is a target without two different values.
var ErrOneClass = errors.New("learn: the target has one value only: nothing can be learned")

// check refuses what cannot be learned from.
func (t *Target) check(rows int) error {
	if len(t.Values) != rows {
		return fmt.Errorf("learn: target has %d rows: want %d as the features", len(t.Values), rows)
	}
	if rows == 0 {
		return errors.New("learn: rows=0: want at least one row")
	}
	if t.Classes == 1 || t.Classes < 0 {
		return fmt.Errorf("learn: classes=%d: want 0 for a number, or at least 2", t.Classes)
	}
	constant := true
	for i, y := range t.Values {
		if t.Classes > 0 && (y != math.Trunc(y) || y < 0 || y >= float64(t.Classes)) {
			return fmt.Errorf("learn: target[%d]=%v: want a class below %d", i, y, t.Classes)
		}
		if math.IsNaN(y) || math.IsInf(y, 0) {
			return fmt.Errorf("learn: target[%d]=%v: want a finite number", i, y)
		}
		constant = constant && y == t.Values[0]
	}
	if constant {
		return ErrOneClass
	}
	return nil
}

// outputs is how many scores a model computes a row: one for a number or two
// classes, else one a class.
func (t *Target) outputs() int {
	if t.Classes > 2 {
		return t.Classes
	}
	return 1
}

// start are the best constant scores [outputs]: the mean, the log odds, or the
// log shares. A class that no row has gets half a row.
func (t *Target) start() []float64 {
	n := float64(len(t.Values))
	if t.Classes == 0 {
		sum := 0.0
		for _, y := range t.Values {
			sum += y
		}
		return []float64{sum / n}
	}
	counts := make([]float64, t.Classes)
	for _, y := range t.Values {
		counts[int(y)]++
	}
	if t.Classes == 2 {
		return []float64{math.Log(counts[1] / counts[0])}
	}
	for k, c := range counts {
		counts[k] = math.Log(max(c, .5) / n)
	}
	return counts
}

// standardisation is the mean and the standard deviation of a numeric target.
type standardisation struct{ mean, scale float64 }

func (u standardisation) restore(z float64) float64 { return z*u.scale + u.mean }

// standardise centres and scales a number, so that no penalty depends on its
// unit. Classes stay as they are.
func (t Target) standardise() (Target, standardisation) {
	u := standardisation{0, 1}
	if t.Classes > 0 {
		return t, u
	}
	u.mean = t.start()[0]
	values := make([]float64, len(t.Values))
	sum := 0.0
	for i, v := range t.Values {
		values[i] = v - u.mean
		sum += values[i] * values[i]
	}
	u.scale = math.Sqrt(sum / float64(len(values)))
	for i := range values {
		values[i] /= u.scale
	}
	return Target{Values: values}, u
}

// predictions turns scores [outputs][rows] into probabilities [classes][rows];
// those of numbers stay as they are. It overwrites scores.
func predictions(classes int, scores [][]float64) [][]float64 {
	switch {
	case classes == 0:
		return scores
	case classes == 2:
		no := make([]float64, len(scores[0]))
		for i, z := range scores[0] {
			p := sigmoid(z)
			scores[0][i], no[i] = p, 1-p
		}
		return [][]float64{no, scores[0]}
	}
	row := make([]float64, classes)
	for i := range scores[0] {
		for k := range row {
			row[k] = scores[k][i]
		}
		softmax(row)
		for k := range row {
			scores[k][i] = row[k]
		}
	}
	return scores
}

func sigmoid(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// softmax replaces scores by probabilities.
func softmax(z []float64) {
	top := z[0]
	for _, v := range z[1:] {
		top = max(top, v)
	}
	sum := 0.0
	for k, v := range z {
		z[k] = math.Exp(v - top)
		sum += z[k]
	}
	for k := range z {
		z[k] /= sum
	}
}
