package audit

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// The bugs of counts.
const (
	noCountBug        Bug = "none in counts"
	silentLargeTables Bug = "no noise on large tables"
	quarterCountNoise Bug = "a quarter of the noise on counts"
	sameTableNoise    Bug = "the same noise on every table"
	unpaidCounts      Bug = "counts before the charge"
	guessOfRows       Bug = "a score's guess made from the rows"
	realCountNoise    Bug = "counts with real-valued noise"
)

// countBugs lists all bugs of counts.
func countBugs() []Bug {
	return []Bug{silentLargeTables, quarterCountNoise, sameTableNoise, unpaidCounts, guessOfRows, realCountNoise}
}

// plantedCounts releases counts in plain code, with one bug. It shares no code with the
// gate, draws from public generators and protects nothing.
type plantedCounts struct{ bug Bug }

// Release counts, and adds rounded normals.
func (p plantedCounts) Release(c Counts) (counted Counted, err error) {
	event := accounting.Event{Mechanism: accounting.Gaussian, NoiseMultiplier: c.NoiseMultiplier, Count: c.Times}
	cost, err := accounting.RDP.Epsilon([]accounting.Event{event}, 1e-5)
	if err != nil || cost > c.Epsilon && p.bug != unpaidCounts {
		return counted, err
	}
	counted.Charged, counted.Before = []accounting.Event{event}, p.bug != unpaidCounts
	draw, err := p.newDraw(c.Seed)
	if err != nil {
		return Counted{}, err
	}
	table := make([]float64, c.Cells)
	for _, cell := range c.Records {
		table[cell]++
	}
	exact := [][]float64{table}
	if c.Expected != nil {
		score := 0.0
		for k, x := range c.Expected {
			guess := float64(x)
			if p.bug == guessOfRows {
				guess += math.Round(float64(len(c.Records)) / float64(c.Cells))
			}
			score += math.Abs(table[k] - guess)
		}
		exact[0] = []float64{score}
	}
	sigma := c.NoiseMultiplier
	if p.bug == quarterCountNoise {
		sigma /= 4
	}
	if p.bug == silentLargeTables && c.Cells > 1<<15 {
		sigma = 0
	}
	for range c.Times {
		if p.bug != sameTableNoise {
			draw.Step++
		}
		values := append([]float64(nil), exact[0]...)
		for i := range values {
			z := sigma * float64(draw.Normal(i))
			if p.bug != realCountNoise {
				z = math.Round(z)
			}
			values[i] += z
		}
		counted.Values = append(counted.Values, values)
	}
	return counted, nil
}

func (plantedCounts) newDraw(seed *uint64) (draw device.Draw, err error) {
	if seed != nil {
		return device.Draw{Seed: *seed}, nil
	}
	var raw [8]byte
	if _, err := rand.Read(raw[:]); err != nil {
		return draw, fmt.Errorf("audit: no randomness from the operating system: %w", err)
	}
	return device.Draw{Seed: binary.LittleEndian.Uint64(raw[:])}, nil
}
