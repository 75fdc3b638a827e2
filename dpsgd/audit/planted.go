package audit

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// Bug is a mistake planted into the plain mechanism.
type Bug string

// The bugs: mistakes found in published implementations, or a slip away from one.
const (
	noBug                Bug = "none"
	noClip               Bug = "no clip"
	clipOfMean           Bug = "clip of the batch mean"
	quarterNoise         Bug = "a quarter of the noise"
	noiseBeforeClip      Bug = "noise added before the clip"
	replacement          Bug = "sampling with replacement"
	shuffle              Bug = "shuffled batches"
	fakesFollowBatch     Bug = "as many fakes as real rows"
	stepAfterBudget      Bug = "the step after the budget"
	realisedBatchDivisor Bug = "divided by the realised batch"
	repeatedNoise        Bug = "the same noise at every step"
	clipPerLayer         Bug = "clip of each layer apart"
	float32Sums          Bug = "float32 sums"
	sameKey              Bug = "the same key in every run"
	offGrid              Bug = "a noised sum with all its bits"
	timedLedger          Bug = "the time in the ledger"
)

// stepBugs lists all bugs of steps.
func stepBugs() []Bug {
	return []Bug{noClip, clipOfMean, quarterNoise, noiseBeforeClip, replacement, shuffle, fakesFollowBatch,
		stepAfterBudget, realisedBatchDivisor, repeatedNoise, clipPerLayer, float32Sums, sameKey, offGrid, timedLedger}
}

// planted is the mechanism in plain float64 on the host, with one bug. It shares
// no code with dpsgd.Step, so that a check which passes both tests the claim and
// not the code. It draws from public generators and protects nothing.
type planted struct{ bug Bug }

// plain is planted over one table.
type plain struct {
	bug           Bug
	table         Table
	draw          device.Draw
	order         []int // of the epoch, if batches are shuffled
	position      int
	clippedByCode [][]float64 // clipped gradients, by code
}

// Open copies nothing and draws a seed if the table has none.
func (p planted) Open(t Table) (Stepper, error) {
	s := &plain{bug: p.bug, table: t, clippedByCode: make([][]float64, len(t.Gradients))}
	if t.Seed != nil {
		s.draw.Seed = *t.Seed
		return s, nil
	}
	if p.bug == sameKey {
		return s, nil
	}
	var seed [8]byte
	if _, err := rand.Read(seed[:]); err != nil {
		return nil, fmt.Errorf("audit: no randomness from the operating system: %w", err)
	}
	s.draw.Seed = binary.LittleEndian.Uint64(seed[:])
	return s, nil
}

// Grant counts up to the last affordable step; a restart gets none.
func (p planted) Grant(budget dpsgd.Config, step dpsgd.StepConfig, wanted int) (granted int, ledger []byte, err error) {
	for granted = 1; granted <= wanted; granted++ {
		epsilon, err := accounting.Accountant(budget.Accountant).Epsilon([]accounting.Event{step.Event(granted)}, budget.TargetDelta)
		if err != nil {
			return 0, nil, err
		}
		if epsilon > budget.TargetEpsilon {
			break
		}
	}
	if p.bug != stepAfterBudget {
		granted--
	}
	ledger = fmt.Appendf(nil, "%d steps", granted)
	if p.bug == timedLedger {
		ledger = fmt.Appendf(ledger, " at %d", time.Now().UnixNano())
	}
	return granted, ledger, nil
}

func (s *plain) Dimension() int { return len(s.table.Gradients[0]) }
func (s *plain) Close() error   { return nil }

func (s *plain) Entries(sum []float64) []float64 { return sum }

// Step is the mechanism: sample, clip each record, sum, add the noise.
func (s *plain) Step(sum []float64) error {
	s.draw.Step++
	config := s.table.Step
	batch := s.sample()
	clear(sum)
	std := config.NoiseMultiplier * config.MaxGradNorm
	for _, i := range batch {
		code := s.table.Records[i]
		if s.bug == noiseBeforeClip {
			g := append([]float64(nil), s.table.Gradients[code]...)
			s.addNoise(g, uint32(i), std)
			s.clippedByCode[code] = s.clip(g)
		} else if s.clippedByCode[code] == nil {
			s.clippedByCode[code] = s.clip(s.table.Gradients[code])
		}
		addMultiple(sum, s.clippedByCode[code], 1)
		if s.bug == float32Sums {
			for k, x := range sum {
				sum[k] = float64(float32(x))
			}
		}
	}
	if s.bug == clipOfMean && len(batch) > 0 {
		scale := config.BatchSize / float64(len(batch)) // the sum becomes the batch size times the mean
		copy(sum, clipped(multiple(sum, scale), config.MaxGradNorm*config.BatchSize))
	}
	if s.bug == quarterNoise {
		std /= 4
	}
	if s.bug != noiseBeforeClip {
		s.addNoise(sum, 0, std)
	}
	if s.bug != offGrid {
		grid := std / gridSteps
		for i, x := range sum {
			sum[i] = math.RoundToEven(x/grid) * grid
		}
	}
	if s.bug == realisedBatchDivisor && len(batch) > 0 {
		copy(sum, multiple(sum, config.BatchSize/float64(len(batch))))
	}
	if s.table.Fake != nil {
		share := config.BatchSize // batch size times the mean of a fixed number of equal fakes
		if s.bug == fakesFollowBatch {
			share = float64(len(batch))
		}
		addMultiple(sum, clipped(s.table.Fake, config.MaxGradNorm), share)
	}
	return nil
}

// sample lets each record in by its own coin.
func (s *plain) sample() []int {
	n := len(s.table.Records)
	var batch []int
	switch s.bug {
	case replacement:
		for i := range s.fixedSize() {
			batch = append(batch, int(float64(s.draw.Uniform(i))*float64(n)))
		}
	case shuffle:
		for range s.fixedSize() {
			batch = append(batch, s.nextShuffled())
		}
	default:
		for i := range n {
			if float64(s.draw.Uniform(i)) < s.table.Step.SampleRate {
				batch = append(batch, i)
			}
		}
	}
	return batch
}

func (s *plain) fixedSize() int {
	n := float64(len(s.table.Records))
	return int(math.Round(s.table.Step.SampleRate * n))
}

// nextShuffled is the next record of the epoch, in an order shuffled afresh for each.
func (s *plain) nextShuffled() int {
	if s.position == len(s.order) {
		s.order, s.position = make([]int, len(s.table.Records)), 0
		for i := range s.order {
			j := int(float64(s.draw.Uniform(i)) * float64(i+1))
			s.order[i], s.order[j] = s.order[j], i
		}
	}
	s.position++
	return s.order[s.position-1]
}

func (s *plain) clip(g []float64) []float64 {
	norm := s.table.Step.MaxGradNorm
	switch s.bug {
	case noClip, clipOfMean:
		return g
	case clipPerLayer:
		cut := layerCut(len(g))
		return append(clipped(g[:cut], norm), clipped(g[cut:], norm)...)
	default:
		return clipped(g, norm)
	}
}

// addNoise draws under streams apart from those of the batches, which have 0.
func (s *plain) addNoise(sum []float64, stream uint32, std float64) {
	noise := device.Draw{Seed: s.draw.Seed, Step: s.draw.Step, Stream: 1 + stream}
	if s.bug == repeatedNoise {
		noise.Step = 0
	}
	for i := range sum {
		sum[i] += std * float64(noise.Normal(i))
	}
}

// clipped is g·min(1, bound/‖g‖).
func clipped(g []float64, bound float64) []float64 {
	return multiple(g, math.Min(1, bound/norm(g)))
}

func multiple(g []float64, by float64) []float64 {
	out := make([]float64, len(g))
	for i, x := range g {
		out[i] = by * x
	}
	return out
}

func addMultiple(sum, g []float64, times float64) {
	for i, x := range g {
		sum[i] += times * x
	}
}

// norm is ‖g‖ without overflow.
func norm(g []float64) float64 {
	n := 0.0
	for _, x := range g {
		n = math.Hypot(n, x)
	}
	return n
}
