package gan

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/cpu"
)

// pureSample draws rows from an untrained model of pure mode.
func pureSample(t *testing.T, config SampleConfig) ([][]uint32, *Sampler, error) {
	t.Helper()
	m, err := parseModel(smallModelFile(t))
	if err != nil {
		t.Fatal(err)
	}
	dev := cpu.New(1)
	t.Cleanup(func() { _ = dev.Close() })
	config.Batch = 64
	s, err := NewSampler(dev, m, config)
	if err != nil {
		return nil, nil, err
	}
	out := make([][]uint32, 2)
	for len(out[0]) < config.Rows {
		columns, err := s.Next(config.Rows)
		if err != nil {
			return nil, s, err
		}
		for j := range out {
			out[j] = append(out[j], columns[j]...)
		}
	}
	return out, s, nil
}

// A listed column is steered and a number rejected; the probability of both is
// that among rows drawn without conditions.
func TestPureModelsMeetConditions(t *testing.T) {
	const n = 4000
	free, _, err := pureSample(t, SampleConfig{Rows: 40000, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	young := 0.0
	for i, age := range free[0] {
		if age >= 2 && age <= 4 && free[1][i] == 1 {
			young++
		}
	}
	columns, s, err := pureSample(t, SampleConfig{Rows: n, Seed: 2, Where: []string{"sex=M", "age=2..4"}})
	if err != nil {
		t.Fatal(err)
	}
	for i, age := range columns[0] {
		if age < 2 || age > 4 || columns[1][i] != 1 {
			t.Fatalf("row %d: age %d, sex %d", i, age, columns[1][i])
		}
	}
	// 5 standard deviations of both estimates.
	if p := young / 40000; math.Abs(s.Probability()-p) > 5*math.Sqrt(p/40000+p/n) {
		t.Errorf("probability %g, want about %g", s.Probability(), p)
	}
}

func TestPureModelsBalance(t *testing.T) {
	const n = 20000
	columns, s, err := pureSample(t, SampleConfig{Rows: n, Seed: 3, Balance: "sex"})
	if err != nil {
		t.Fatal(err)
	}
	women := 0.0
	for _, sex := range columns[1] {
		women += float64(1 - sex)
	}
	if math.Abs(women-n/2) > 5*math.Sqrt(n)/2 || s.Probability() != 1 {
		t.Errorf("%v of %v are women", women, n)
	}
	_, _, err = pureSample(t, SampleConfig{Rows: 1, Balance: "sex", Where: []string{"age=3"}})
	var c *ConditionError
	if !errors.As(err, &c) || !strings.Contains(c.Reason, "age=3") {
		t.Errorf("%v", err)
	}
}

// Rejection ends with the rate that it reached.
func TestPureModelsGiveUp(t *testing.T) {
	g := &generatedWhere{steered: 1, conditions: []condition{{column: 0, text: "age=3", codes: only(0, 3).codes}},
		draw: func() ([][]uint32, error) { return [][]uint32{make([]uint32, 1<<16)}, nil }}
	_, err := g.next()
	var c *ConditionError
	if !errors.As(err, &c) || c.Text != "age=3" || !strings.Contains(c.Reason, "0 of 1048576 rows met them") {
		t.Errorf("%v", err)
	}
}
