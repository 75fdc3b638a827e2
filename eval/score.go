package eval

import (
	"bytes"
	"encoding/json"
	"math"
)

// Score is one metric under its key in the output. Low and High are its 95 %
// interval, NaN where the metric is not an estimate.
type Score struct {
	Key              string
	Value, Low, High float64
}

// unknown is a metric that could not be measured.
func unknown(key string) Score { return Score{key, math.NaN(), math.NaN(), math.NaN()} }

// Scores are metrics in the order of a report.
type Scores []Score

// add appends a metric without interval.
func (s *Scores) add(key string, value float64) {
	*s = append(*s, Score{key, value, math.NaN(), math.NaN()})
}

// Get is the score of a key.
func (s Scores) Get(key string) (Score, bool) {
	for _, x := range s {
		if x.Key == key {
			return x, true
		}
	}
	return Score{}, false
}

// MarshalJSON writes one object: `"key": value` in order, and beside an
// estimate `"key_interval": [low, high]`. What could not be measured is null.
func (s Scores) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, x := range s {
		if i > 0 {
			b.WriteByte(',')
		}
		field(&b, x.Key, Number(x.Value))
		if !math.IsNaN(x.Low) {
			b.WriteByte(',')
			field(&b, x.Key+"_interval", []Number{Number(x.Low), Number(x.High)})
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func field(b *bytes.Buffer, key string, value any) {
	name, _ := json.Marshal(key)
	text, _ := json.Marshal(value) // numbers, which always encode
	b.Write(name)
	b.WriteByte(':')
	b.Write(text)
}

// Number is a float64 that JSON may hold: what is not finite is null.
type Number float64

// MarshalJSON implements json.Marshaler.
func (n Number) MarshalJSON() ([]byte, error) {
	if v := float64(n); math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}
