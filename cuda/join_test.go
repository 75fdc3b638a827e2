//go:build gpu

package cuda_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// joined is a device with a few places for operations to read and write, so few that
// many of a random sequence depend on each other.
type joined struct {
	device.Device
	floats   device.Buffer // places of 16
	sums     device.Buffer // two places of 6
	key      device.Buffer
	counters []device.Buffer // the first is sums: what is counted lies in a sum
	layout   *device.Layout
	way      way
	recorded []func() // operations that wait to become a program
}

// way is how a sequence is run.
type way int

const (
	atOnce   way = iota // as it comes
	oneByOne            // with a wait after each operation
	asGraphs            // as programs, between uploads
	ways
)

const joinedPlaces = 8

func newJoined(t *testing.T, how way) *joined {
	t.Helper()
	j := &joined{Device: open(t), way: how, layout: &device.Layout{Width: 2, Spans: []device.Span{{Edges: []uint32{0, 1, 2}}}}}
	var err error
	if j.floats, err = j.Alloc(device.Float32, 16*joinedPlaces); err != nil {
		t.Fatal(err)
	}
	if j.sums, err = j.Alloc(device.Uint64, 2*6); err != nil {
		t.Fatal(err)
	}
	if j.key, err = j.Alloc(device.Uint32, 8); err != nil {
		t.Fatal(err)
	}
	j.counters = append(j.counters, j.sums)
	for range 3 {
		c, err := j.Alloc(device.Uint64, 1)
		if err != nil {
			t.Fatal(err)
		}
		j.Upload(c, 0, []uint64{1}) // Adam's steps begin there
		j.counters = append(j.counters, c)
	}
	return j
}

func (j *joined) matrix(place int) device.Matrix { return device.NewMatrix(j.floats, 16*place, 4, 2) }
func (j *joined) sum(place int) device.Vector    { return device.NewVector(j.sums, 6*place, 6) }
func (j *joined) vector(place, n int) device.Vector {
	return device.NewVector(j.floats, 16*place+8, n)
}

// step does operations now, or with the next program.
func (j *joined) step(operations ...func()) {
	if j.way == asGraphs {
		j.recorded = append(j.recorded, operations...)
		return
	}
	for _, o := range operations {
		o()
		if j.way == oneByOne {
			_ = j.Sync() // an error stays until result
		}
	}
}

// replay runs what was recorded.
func (j *joined) replay() {
	if len(j.recorded) > 0 {
		j.Record("steps", func() {
			for _, o := range j.recorded {
				o()
			}
		}).Run()
	}
	j.recorded = nil
}

// upload uploads behind what was recorded.
func (j *joined) upload(dst device.Buffer, offset int, src any) {
	j.replay()
	j.Upload(dst, offset, src)
	if j.way == oneByOne {
		_ = j.Sync()
	}
}

// operate does some of the operations that may be joined, or one that is not, chosen
// by random.
func (j *joined) operate(random *rand.Rand) {
	p := random.Perm(joinedPlaces)
	a, b := random.IntN(5), random.IntN(2)
	counter := j.counters[random.IntN(len(j.counters))]
	value := random.Float32()
	switch random.IntN(13) {
	case 0, 1:
		j.step(func() {
			j.LinearBackwardWeights(j.matrix(p[0]).RowRange(0, 2), j.vector(p[0], 2), j.matrix(p[1]), j.matrix(p[2]))
		})
	case 2, 3:
		j.step(func() { j.Increment(counter) })
	case 4:
		j.upload(j.floats, random.IntN(16*(joinedPlaces-1)), []float32{value, -value, 2 * value})
	case 5:
		j.upload(counter, 0, []uint64{1 + random.Uint64N(9)})
	case 6:
		j.step(func() { j.Fill(j.vector(p[0], 3), value) })
	case 7:
		j.step(func() { j.Copy(j.matrix(p[0]), j.matrix(p[1])) })
	case 8:
		j.step(func() {
			j.AdamUpdate(device.Adam{Parameters: j.vector(p[0], 4), First: j.vector(p[1], 4), Second: j.vector(p[2], 4),
				LearningRate: j.floats, Step: counter, Beta1: 0.5, Beta2: 0.9, Epsilon: 1}, j.vector(p[3], 4))
		}, func() { j.MovingAverage(j.vector(p[a], 4), j.vector(p[b], 4), 0.75) })
	case 9:
		j.step(func() {
			j.HeadsForward(j.matrix(p[0]), j.matrix(p[1]), j.matrix(p[2]), j.layout, 1, device.RNG{Seed: counter, Step: counter})
		})
	case 10, 11:
		j.step(func() {
			j.ClippedSum(j.sum(b), []device.LayerGradient{{Input: j.matrix(p[0]), Delta: j.matrix(p[1]), Weights: 0, Bias: 4}}, 1, nil)
		})
	case 12:
		j.step(func() {
			j.PrivateAdam(device.Adam{Parameters: j.vector(p[0], 6), First: j.vector(p[1], 6), Second: j.vector(p[2], 6),
				LearningRate: j.floats, Step: j.counters[1], Beta1: 0.5, Beta2: 0.9, Epsilon: 1}, j.sum(b), j.sum(1-b),
				device.Noise{Key: j.key, Step: j.counters[2], Multiplier: 1}, 1, 3, 4)
		})
	}
}

// result is all that the operations can have changed.
func (j *joined) result(t *testing.T) []float32 {
	t.Helper()
	j.replay()
	floats := make([]float32, 16*joinedPlaces)
	if err := j.Download(floats, j.floats, 0); err != nil {
		t.Fatal(err)
	}
	for _, c := range j.counters {
		words := make([]uint64, c.Len())
		if err := j.Download(words, c, 0); err != nil {
			t.Fatal(err)
		}
		for _, w := range words {
			floats = append(floats, float32(w&0xffffff), float32(w>>24&0xffffff), float32(w>>48))
		}
	}
	return floats
}

// Joining operations changes nothing, nor does running them side by side: a sequence
// gives the same bits, whether or not there is a wait after each operation, and as
// graphs. On the fake GPU, only the reverse order of blocks and nodes tells operations
// apart that must not be joined, or that lack an edge; trace.cpp finds such edges too.
func TestDeviceJoins(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			var results [ways][]float32
			for how := range results {
				j := newJoined(t, way(how))
				random := rand.New(rand.NewPCG(seed, 7))
				for range 40 {
					j.operate(random)
				}
				results[how] = j.result(t)
				if err := j.Close(); err != nil {
					t.Error(err)
				}
			}
			for _, how := range []way{atOnce, asGraphs} {
				if !slices.EqualFunc(results[how], results[oneByOne], func(a, b float32) bool { return a == b || a != a && b != b }) {
					t.Errorf("one by one %v\n%10d %v", results[oneByOne], how, results[how])
				}
			}
		})
	}
}
