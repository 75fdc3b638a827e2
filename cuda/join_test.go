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
	counters []device.Buffer
	layout   *device.Layout
	apart    bool // whether to wait after each operation
}

const joinedPlaces = 8

func newJoined(t *testing.T, apart bool) *joined {
	t.Helper()
	j := &joined{Device: open(t), apart: apart, layout: &device.Layout{Width: 2, ConditionWidth: 2,
		Spans: []device.Span{{Edges: []uint32{0, 1, 2}, Condition: 0}}}}
	var err error
	if j.floats, err = j.Alloc(device.Float32, 16*joinedPlaces); err != nil {
		t.Fatal(err)
	}
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
func (j *joined) vector(place, n int) device.Vector {
	return device.NewVector(j.floats, 16*place+8, n)
}

// wait keeps operations apart; an error stays until result.
func (j *joined) wait() {
	if j.apart {
		_ = j.Sync()
	}
}

// operate does some of the operations that may be joined, or one that is not, chosen
// by random.
func (j *joined) operate(random *rand.Rand) {
	p := random.Perm(joinedPlaces)
	counter := j.counters[random.IntN(3)]
	value := random.Float32()
	switch random.IntN(9) {
	case 0, 1:
		j.LinearBackwardWeights(j.matrix(p[0]).RowRange(0, 2), j.vector(p[0], 2), j.matrix(p[1]), j.matrix(p[2]), j.vector(p[3], 4))
	case 2, 3:
		j.Increment(counter)
	case 4:
		j.Upload(j.floats, random.IntN(16*(joinedPlaces-1)), []float32{value, -value, 2 * value})
	case 5:
		j.Upload(counter, 0, []uint64{1 + random.Uint64N(9)})
	case 6:
		j.Fill(j.vector(p[0], 3), value)
	case 7:
		j.DrawCondition(j.matrix(p[0]), j.layout, device.NewVector(j.floats, 16*p[1], 2), device.RNG{Seed: counter, Step: counter})
		j.wait()
		j.Copy(j.matrix(p[random.IntN(3)+1]), j.matrix(p[random.IntN(2)]))
	case 8:
		j.AdamUpdate(device.Adam{Parameters: j.vector(p[0], 4), First: j.vector(p[1], 4), Second: j.vector(p[2], 4),
			LearningRate: j.floats, Step: counter, Beta1: 0.5, Beta2: 0.9, Epsilon: 1}, j.vector(p[3], 4))
		j.wait()
		j.MovingAverage(j.vector(p[random.IntN(5)], 4), j.vector(p[random.IntN(2)], 4), 0.75)
	}
	j.wait()
}

// result is all that the operations can have changed.
func (j *joined) result(t *testing.T) []float32 {
	t.Helper()
	floats := make([]float32, 16*joinedPlaces)
	if err := j.Download(floats, j.floats, 0); err != nil {
		t.Fatal(err)
	}
	for _, c := range j.counters {
		count := make([]uint64, 1)
		if err := j.Download(count, c, 0); err != nil {
			t.Fatal(err)
		}
		floats = append(floats, float32(count[0]))
	}
	return floats
}

// Joining operations changes nothing: a sequence gives the same bits, whether or not
// there is a wait after each operation. On the fake GPU, only the reverse order of
// blocks tells operations apart that must not be joined.
func TestDeviceJoins(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			var results [2][]float32
			for way := range results {
				j := newJoined(t, way == 1)
				random := rand.New(rand.NewPCG(seed, 7))
				for range 40 {
					j.operate(random)
				}
				results[way] = j.result(t)
				if err := j.Close(); err != nil {
					t.Error(err)
				}
			}
			if !slices.EqualFunc(results[0], results[1], func(a, b float32) bool { return a == b || a != a && b != b }) {
				t.Errorf("joined   %v\none by one %v", results[0], results[1])
			}
		})
	}
}
