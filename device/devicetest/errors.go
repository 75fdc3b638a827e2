package devicetest

import (
	"strings"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// testErrors: operands that do not fit do not panic; Sync reports them with the
// operation's name, and keeps reporting the first.
func testErrors(f *fixture, open func(t *testing.T) device.Device) {
	l := layouts()[0].layout
	for name, call := range map[string]func(d device.Device, b badOperands){
		"ExpandCodes":   func(d device.Device, b badOperands) { d.ExpandCodes(b.m, b.table, l, b.words, b.words) },
		"Copy":          func(d device.Device, b badOperands) { d.Copy(b.m, b.wide) },
		"LinearForward": func(d device.Device, b badOperands) { d.LinearForward(b.m, b.m, b.wide, b.v, device.Activation{}) },
		"LinearBackwardData": func(d device.Device, b badOperands) {
			d.LinearBackwardData(b.m, b.m, b.wide, b.m, device.Activation{}, false)
		},
		"LinearBackwardWeights": func(d device.Device, b badOperands) {
			d.LinearBackwardWeights(b.m, b.v, b.m, b.wide)
		},
		"BatchNormForward": func(d device.Device, b badOperands) { d.BatchNormForward(b.m, b.wide, device.BatchNorm{}) },
		"BatchNormBackward": func(d device.Device, b badOperands) {
			d.BatchNormBackward(b.m, b.m, b.m, b.m, device.BatchNorm{}, b.v, b.v)
		},
		"HeadsForward":  func(d device.Device, b badOperands) { d.HeadsForward(b.m, b.m, b.m, l, 1, b.rng) },
		"HeadsBackward": func(d device.Device, b badOperands) { d.HeadsBackward(b.m, b.m, b.m, l, 1) },
		"Lean":          func(d device.Device, b badOperands) { d.Lean(b.m, b.beyond, 1) },
		"LogisticDelta": func(d device.Device, b badOperands) { d.LogisticDelta(b.m, b.m, 1, 1, device.Vector{}) },
		"ClippedSum": func(d device.Device, b badOperands) {
			d.ClippedSum(b.v, []device.LayerGradient{{Input: b.m, Delta: b.m.RowRange(0, 1)}}, 1, nil)
		},
		"PrivateAdam":   func(d device.Device, b badOperands) { d.PrivateAdam(b.adam, b.v, b.v, device.Noise{}, 1, 1, 1) },
		"AdamUpdate":    func(d device.Device, b badOperands) { d.AdamUpdate(b.adam, device.NewVector(b.m.Buffer, 0, 2)) },
		"MovingAverage": func(d device.Device, b badOperands) { d.MovingAverage(b.v, device.NewVector(b.m.Buffer, 0, 2), 0.5) },
		"Fill":          func(d device.Device, b badOperands) { d.Fill(device.NewVector(b.words, 0, 1), 1) },
		"Increment":     func(d device.Device, b badOperands) { d.Increment(b.words) },
		"Upload":        func(d device.Device, b badOperands) { d.Upload(b.words, 0, []float32{1}) },
	} {
		f.Run(name, func(t *testing.T) {
			d := open(t)
			defer d.Close()
			call(d, newBadOperands(t, d))
			err := d.Sync()
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Fatalf("Sync gives %v, want an error that names %s", err, name)
			}
			d.Increment(nil)
			if again := d.Sync(); again == nil || again.Error() != err.Error() {
				t.Errorf("Sync gives %v, then %v", err, again)
			}
		})
	}
}

// badOperands are all sound on their own, save beyond, and fit no layout.
type badOperands struct {
	m, wide, beyond device.Matrix
	v               device.Vector
	words           device.Buffer
	table           device.Table
	rng             device.RNG
	adam            device.Adam
}

func newBadOperands(t *testing.T, d device.Device) badOperands {
	t.Helper()
	must := func(b device.Buffer, err error) device.Buffer {
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	floats, counter := must(d.Alloc(device.Float32, 64)), must(d.Alloc(device.Uint64, 1))
	table, err := d.NewTable([]device.Codes{{U8: []uint8{0}}})
	if err != nil {
		t.Fatal(err)
	}
	v := device.NewVector(floats, 0, 3)
	return badOperands{
		m: device.NewMatrix(floats, 0, 3, 3), wide: device.NewMatrix(floats, 0, 3, 5), beyond: device.NewMatrix(floats, 60, 3, 3),
		v: v, words: must(d.Alloc(device.Uint32, 2)), table: table, rng: device.RNG{Seed: counter, Step: counter},
		adam: device.Adam{Parameters: v, First: v, Second: v, LearningRate: floats, Step: counter},
	}
}
