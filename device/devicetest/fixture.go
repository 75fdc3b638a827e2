package devicetest

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// values is a matrix on the host, row by row.
type values [][]float64

// fixture moves values to and from a device under test. What it makes lies in
// buffers with NaN around the view, so that reading beyond a view spoils the
// result; get reports what was written there.
type fixture struct {
	*testing.T
	d      device.Device
	random *rand.Rand
	loose  bool // views have an offset and a stride of their own
	placed map[device.Buffer][]float32
}

func newFixture(t *testing.T, open func(t *testing.T) device.Device) *fixture {
	d := open(t)
	t.Cleanup(func() {
		if err := d.Sync(); err != nil {
			t.Errorf("Sync at the end of the test: %v", err)
		}
		if err := d.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return &fixture{T: t, d: d, random: rand.New(rand.NewPCG(1, 2)), placed: map[device.Buffer][]float32{}}
}

// sub runs a subtest on the same device, with both compact and loose views.
func (f *fixture) sub(name string, run func(f *fixture)) {
	for _, view := range []string{"compact", "strided"} {
		f.T.Run(name+"/"+view, func(t *testing.T) {
			run(&fixture{t, f.d, f.random, view == "strided", f.placed})
		})
	}
}

func (f *fixture) alloc(kind device.Kind, n int) device.Buffer {
	f.Helper()
	b, err := f.d.Alloc(kind, n)
	if err != nil {
		f.Fatalf("Alloc(%d, %d): %v", kind, n, err)
	}
	return b
}

// put uploads v.
func (f *fixture) put(v values) device.Matrix {
	f.Helper()
	m := device.Matrix{Rows: len(v), Cols: len(v[0]), Stride: len(v[0])}
	tail := 0
	if f.loose {
		m.Offset, m.Stride, tail = 5, m.Cols+3, 7
	}
	host := make([]float32, m.Offset+m.Rows*m.Stride+tail)
	for i := range host {
		host[i] = float32(math.NaN())
	}
	for i, row := range v {
		for j, x := range row {
			host[m.Offset+i*m.Stride+j] = float32(x)
		}
	}
	m.Buffer = f.alloc(device.Float32, len(host))
	f.d.Upload(m.Buffer, 0, host)
	f.placed[m.Buffer] = host
	return m
}

// hole is a matrix of NaN for an operation to overwrite.
func (f *fixture) hole(rows, cols int) device.Matrix {
	f.Helper()
	return f.put(constant(rows, cols, math.NaN()))
}

// get downloads m and checks that nothing around it has changed.
func (f *fixture) get(m device.Matrix) values {
	f.Helper()
	before := f.placed[m.Buffer]
	host := make([]float32, len(before))
	if err := f.d.Download(host, m.Buffer, 0); err != nil {
		f.Fatalf("Download: %v", err)
	}
	v := constant(m.Rows, m.Cols, 0)
	for at := range host {
		i, j := -1, -1
		if at >= m.Offset {
			i, j = (at-m.Offset)/m.Stride, (at-m.Offset)%m.Stride
		}
		if i >= 0 && i < m.Rows && j < m.Cols {
			v[i][j] = float64(host[at])
		} else if math.Float32bits(host[at]) != math.Float32bits(before[at]) {
			f.Errorf("element %d outside the view (offset %d, stride %d, [%d, %d]) was overwritten with %v", at, m.Offset, m.Stride, m.Rows, m.Cols, host[at])
			break
		}
	}
	return v
}

// putVector uploads v; getVector downloads it.
func (f *fixture) putVector(v []float64) device.Vector {
	f.Helper()
	m := f.put(values{v})
	return device.NewVector(m.Buffer, m.Offset, m.Cols)
}

func (f *fixture) getVector(v device.Vector) []float64 {
	f.Helper()
	return f.get(device.NewMatrix(v.Buffer, v.Offset, 1, v.Len))[0]
}

// words makes a Uint32 buffer, counter a Uint64 one.
func (f *fixture) words(w ...uint32) device.Buffer {
	f.Helper()
	b := f.alloc(device.Uint32, len(w))
	f.d.Upload(b, 0, w)
	return b
}

func (f *fixture) counter(w uint64) device.Buffer {
	f.Helper()
	b := f.alloc(device.Uint64, 1)
	f.d.Upload(b, 0, []uint64{w})
	return b
}

// rng makes a stream and its definition.
func (f *fixture) rng(stream uint32) (device.RNG, device.Draw) {
	f.Helper()
	draw := device.Draw{Seed: f.random.Uint64(), Step: f.random.Uint64(), Stream: stream}
	return device.RNG{Seed: f.counter(draw.Seed), Step: f.counter(draw.Step), Stream: stream}, draw
}

// normal is a random matrix of float32 values.
func (f *fixture) normal(rows, cols int, scale float64) values {
	v := constant(rows, cols, 0)
	for i := range v {
		for j := range v[i] {
			v[i][j] = float64(float32(scale * f.random.NormFloat64()))
		}
	}
	return v
}

func constant(rows, cols int, x float64) values {
	v := make(values, rows)
	for i := range v {
		v[i] = make([]float64, cols)
		for j := range v[i] {
			v[i][j] = x
		}
	}
	return v
}

func (v values) clone() values {
	c := make(values, len(v))
	for i := range v {
		c[i] = append([]float64(nil), v[i]...)
	}
	return c
}
