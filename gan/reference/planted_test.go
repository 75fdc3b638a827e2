package reference

import (
	"math"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// Each type is a device with one operation done wrong by change.
type (
	clip struct {
		device.Device
		change func(d device.Device, sum device.Vector, layers []device.LayerGradient, maxGradNorm float64, count device.Buffer)
	}
	forward struct {
		device.Device
		change func(d device.Device, y, x, w device.Matrix, b device.Vector, act device.Activation)
	}
	data struct {
		device.Device
		change func(d device.Device, dx, dy, w, x device.Matrix, act device.Activation, accumulate bool)
	}
	private struct {
		device.Device
		change func(d device.Device, adam device.Adam, private, public device.Vector, noise device.Noise, maxGradNorm, privateCount, publicCount float64)
	}
	update struct {
		device.Device
		change func(d device.Device, adam device.Adam, gradient device.Vector)
	}
	average struct {
		device.Device
		change func(d device.Device, average, value device.Vector, decay float32)
	}
	norm struct {
		device.Device
		change func(d device.Device, dx, dy, x, y device.Matrix, norm device.BatchNorm, dgamma, dbeta device.Vector)
	}
	heads struct {
		device.Device
		change func(d device.Device, hard, soft, logits device.Matrix, layout *device.Layout, tau float32, rng device.RNG)
	}
	back struct {
		device.Device
		change func(d device.Device, dlogits, dRow, soft device.Matrix, layout *device.Layout, tau float32)
	}
	moment struct {
		device.Device
		change func(d device.Device, delta, p device.Matrix, moments *device.Moments, loss device.Vector)
	}
	lean struct {
		device.Device
		change func(d device.Device, delta, pull device.Matrix, share float32)
	}
	pair struct {
		device.Device
		change func(d device.Device, sum device.Vector, table device.Table, pairs *device.PairTables, indices, count device.Buffer)
	}
	running struct {
		device.Device
		change func(d device.Device, mean device.Mean, private device.Vector, noise device.Noise, maxGradNorm, privateCount float64)
	}
	delta struct {
		device.Device
		change func(d device.Device, delta, logits device.Matrix, target, weight float32, stats device.Vector)
	}
	count struct {
		device.Device
		change func(d device.Device, counter device.Buffer)
	}
	copying struct {
		device.Device
		change func(d device.Device, dst, src device.Matrix)
	}
)

func (p clip) ClippedSum(sum device.Vector, layers []device.LayerGradient, maxGradNorm float64, count device.Buffer) {
	p.change(p.Device, sum, layers, maxGradNorm, count)
}

func (p forward) LinearForward(y, x, w device.Matrix, b device.Vector, act device.Activation) {
	p.change(p.Device, y, x, w, b, act)
}

func (p data) LinearBackwardData(dx, dy, w, x device.Matrix, act device.Activation, accumulate bool) {
	p.change(p.Device, dx, dy, w, x, act, accumulate)
}

func (p private) PrivateAdam(adam device.Adam, private, public device.Vector, noise device.Noise, maxGradNorm, privateCount, publicCount float64) {
	p.change(p.Device, adam, private, public, noise, maxGradNorm, privateCount, publicCount)
}

func (p update) AdamUpdate(adam device.Adam, gradient device.Vector) {
	p.change(p.Device, adam, gradient)
}

func (p average) MovingAverage(average, value device.Vector, decay float32) {
	p.change(p.Device, average, value, decay)
}

func (p norm) BatchNormBackward(dx, dy, x, y device.Matrix, norm device.BatchNorm, dgamma, dbeta device.Vector) {
	p.change(p.Device, dx, dy, x, y, norm, dgamma, dbeta)
}

func (p heads) HeadsForward(hard, soft, logits device.Matrix, layout *device.Layout, tau float32, rng device.RNG) {
	p.change(p.Device, hard, soft, logits, layout, tau, rng)
}

func (p back) HeadsBackward(dlogits, dRow, soft device.Matrix, layout *device.Layout, tau float32) {
	p.change(p.Device, dlogits, dRow, soft, layout, tau)
}

func (p moment) MomentDelta(delta, of device.Matrix, moments *device.Moments, loss device.Vector) {
	p.change(p.Device, delta, of, moments, loss)
}

func (p lean) Lean(delta, pull device.Matrix, share float32) {
	p.change(p.Device, delta, pull, share)
}

func (p pair) PairGradients(sum device.Vector, table device.Table, pairs *device.PairTables, indices, count device.Buffer) {
	p.change(p.Device, sum, table, pairs, indices, count)
}

func (p running) PrivateMean(mean device.Mean, private device.Vector, noise device.Noise, maxGradNorm, privateCount float64) {
	p.change(p.Device, mean, private, noise, maxGradNorm, privateCount)
}

func (p delta) LogisticDelta(delta, logits device.Matrix, target, weight float32, stats device.Vector) {
	p.change(p.Device, delta, logits, target, weight, stats)
}

func (p count) Increment(counter device.Buffer) {
	p.change(p.Device, counter)
}

func (p copying) Copy(dst, src device.Matrix) {
	p.change(p.Device, dst, src)
}

// faults are dev with one operation done wrong.
func faults(dev device.Device) map[string]device.Device {
	return map[string]device.Device{
		// The sum is in units of max_grad_norm: of another one, it is scaled too.
		"no clipping": clip{dev, func(d device.Device, sum device.Vector, layers []device.LayerGradient, maxGradNorm float64, count device.Buffer) {
			d.ClippedSum(sum, layers, 8*maxGradNorm, count)
			changeSums(d, sum, func(x int64) int64 { return 8 * x })
		}},
		"fakes not clipped": clip{dev, func(d device.Device, sum device.Vector, layers []device.LayerGradient, maxGradNorm float64, count device.Buffer) {
			if count != nil {
				d.ClippedSum(sum, layers, maxGradNorm, count)
				return
			}
			d.ClippedSum(sum, layers, 8*maxGradNorm, count)
			changeSums(d, sum, func(x int64) int64 { return 8 * x })
		}},
		"short gradients stretched to the norm": clip{dev, func(d device.Device, sum device.Vector, layers []device.LayerGradient, maxGradNorm float64, count device.Buffer) {
			d.ClippedSum(sum, layers, 1e-3*maxGradNorm, count)
		}},
		"norm of each layer alone": clip{dev, func(d device.Device, sum device.Vector, layers []device.LayerGradient, maxGradNorm float64, count device.Buffer) {
			for _, l := range layers {
				d.ClippedSum(sum, []device.LayerGradient{l}, maxGradNorm, count)
			}
		}},
		"empty rows counted": clip{dev, func(d device.Device, sum device.Vector, layers []device.LayerGradient, maxGradNorm float64, count device.Buffer) {
			d.ClippedSum(sum, layers, maxGradNorm, nil)
		}},
		"no bias gradient": clip{dev, func(d device.Device, sum device.Vector, layers []device.LayerGradient, maxGradNorm float64, count device.Buffer) {
			d.ClippedSum(sum, layers, maxGradNorm, count)
			for _, l := range layers {
				changeSums(d, device.NewVector(sum.Buffer, sum.Offset+l.Bias, l.Delta.Cols), func(int64) int64 { return 0 })
			}
		}},
		"ReLU for LeakyReLU": forward{dev, func(d device.Device, y, x, w device.Matrix, b device.Vector, act device.Activation) {
			if act.Kind == device.LeakyReLU {
				act.Kind = device.ReLU
			}
			d.LinearForward(y, x, w, b, act)
		}},
		"no dropout": forward{dev, func(d device.Device, y, x, w device.Matrix, b device.Vector, act device.Activation) {
			act.Dropout = 0
			d.LinearForward(y, x, w, b, act)
		}},
		"dropout not in the gradient": data{dev, func(d device.Device, dx, dy, w, x device.Matrix, act device.Activation, accumulate bool) {
			act.Dropout = 0
			d.LinearBackwardData(dx, dy, w, x, act, accumulate)
		}},
		"gradients replaced, not added": data{dev, func(d device.Device, dx, dy, w, x device.Matrix, act device.Activation, accumulate bool) {
			d.LinearBackwardData(dx, dy, w, x, act, false)
		}},
		"noise twice": private{dev, func(d device.Device, adam device.Adam, private, public device.Vector, noise device.Noise, maxGradNorm, privateCount, publicCount float64) {
			noise.Multiplier *= math.Sqrt2
			d.PrivateAdam(adam, private, public, noise, maxGradNorm, privateCount, publicCount)
		}},
		"no noise": private{dev, func(d device.Device, adam device.Adam, private, public device.Vector, noise device.Noise, maxGradNorm, privateCount, publicCount float64) {
			noise.Multiplier = 0
			d.PrivateAdam(adam, private, public, noise, maxGradNorm, privateCount, publicCount)
		}},
		"another divisor": private{dev, func(d device.Device, adam device.Adam, private, public device.Vector, noise device.Noise, maxGradNorm, privateCount, publicCount float64) {
			d.PrivateAdam(adam, private, public, noise, maxGradNorm, privateCount+1, publicCount)
		}},
		"another momentum": update{dev, func(d device.Device, adam device.Adam, gradient device.Vector) {
			adam.Beta1 = 0.91
			d.AdamUpdate(adam, gradient)
		}},
		"another decay": average{dev, func(d device.Device, average, value device.Vector, decay float32) {
			d.MovingAverage(average, value, decay*0.99)
		}},
		"gradients of γ and β exchanged": norm{dev, func(d device.Device, dx, dy, x, y device.Matrix, norm device.BatchNorm, dgamma, dbeta device.Vector) {
			d.BatchNormBackward(dx, dy, x, y, norm, dbeta, dgamma)
		}},
		"soft rows for hard ones": heads{dev, func(d device.Device, hard, soft, logits device.Matrix, layout *device.Layout, tau float32, rng device.RNG) {
			d.HeadsForward(hard, soft, logits, layout, tau, rng)
			d.Copy(hard, soft)
		}},
		"another temperature of fakes": heads{dev, func(d device.Device, hard, soft, logits device.Matrix, layout *device.Layout, tau float32, rng device.RNG) {
			d.HeadsForward(hard, soft, logits, layout, tau*1.01, rng)
		}},
		"another temperature": back{dev, func(d device.Device, dlogits, dRow, soft device.Matrix, layout *device.Layout, tau float32) {
			d.HeadsBackward(dlogits, dRow, soft, layout, tau*1.01)
		}},
		"slices taken for the whole": moment{dev, func(d device.Device, delta, p device.Matrix, moments *device.Moments, loss device.Vector) {
			m := *moments
			m.Slice = make([]int, len(m.Slice))
			for s := range m.Slice {
				m.Slice[s] = -1
			}
			d.MomentDelta(delta, p, &m, loss)
		}},
		"the last table forgotten": moment{dev, func(d device.Device, delta, p device.Matrix, moments *device.Moments, loss device.Vector) {
			m := *moments
			last := len(m.Slice) - 1
			m.Slice, m.Two, m.TwoWeight = m.Slice[:last], m.Two[:last], m.TwoWeight[:last]
			d.MomentDelta(delta, p, &m, loss)
		}},
		"tables not weighed": moment{dev, func(d device.Device, delta, p device.Matrix, moments *device.Moments, loss device.Vector) {
			m := *moments
			m.OneWeight = m.One
			d.MomentDelta(delta, p, &m, loss)
		}},
		"no pull":            lean{dev, func(d device.Device, delta, pull device.Matrix, share float32) {}},
		"pull at 0.51":       lean{dev, func(d device.Device, delta, pull device.Matrix, share float32) { d.Lean(delta, pull, share*1.02) }},
		"pushed, not pulled": lean{dev, func(d device.Device, delta, pull device.Matrix, share float32) { d.Lean(delta, pull, -share) }},
		"rows counted twice": pair{dev, func(d device.Device, sum device.Vector, table device.Table, pairs *device.PairTables, indices, count device.Buffer) {
			d.PairGradients(sum, table, pairs, indices, count)
			d.PairGradients(sum, table, pairs, indices, count)
		}},
		"a gradient one too large": pair{dev, func(d device.Device, sum device.Vector, table device.Table, pairs *device.PairTables, indices, count device.Buffer) {
			wrong := *pairs
			wrong.Tables = slices.Clone(pairs.Tables)
			wrong.Tables[0].Gradient++
			d.PairGradients(sum, table, &wrong, indices, count)
		}},
		"two columns exchanged": pair{dev, func(d device.Device, sum device.Vector, table device.Table, pairs *device.PairTables, indices, count device.Buffer) {
			wrong := *pairs
			wrong.Tables = slices.Clone(pairs.Tables)
			wrong.Tables[0].A = 4
			d.PairGradients(sum, table, &wrong, indices, count)
		}},
		"a mean's noise a thousandth off": running{dev, func(d device.Device, mean device.Mean, private device.Vector, noise device.Noise, maxGradNorm, privateCount float64) {
			noise.Multiplier *= 1.001
			d.PrivateMean(mean, private, noise, maxGradNorm, privateCount)
		}},
		"a mean of another divisor": running{dev, func(d device.Device, mean device.Mean, private device.Vector, noise device.Noise, maxGradNorm, privateCount float64) {
			d.PrivateMean(mean, private, noise, maxGradNorm, privateCount+1)
		}},
		"the last step for the mean": running{dev, func(d device.Device, mean device.Mean, private device.Vector, noise device.Noise, maxGradNorm, privateCount float64) {
			d.Fill(mean.Count, 0)
			d.PrivateMean(mean, private, noise, maxGradNorm, privateCount)
		}},
		"loss of the wrong sign": delta{dev, func(d device.Device, delta, logits device.Matrix, target, weight float32, stats device.Vector) {
			d.LogisticDelta(delta, logits, 1-target, weight, stats)
		}},
		"nothing kept": copying{dev, func(d device.Device, dst, src device.Matrix) {
			if dst.Rows > 1 { // parameters are kept as one row
				d.Copy(dst, src)
			}
		}},
		"draws repeated": count{dev, func(d device.Device, counter device.Buffer) {}},
	}
}

// changeSums replaces integers of a vector of sums.
func changeSums(d device.Device, sums device.Vector, change func(int64) int64) {
	words := make([]uint64, sums.Len)
	if err := d.Download(words, sums.Buffer, sums.Offset); err != nil {
		panic(err)
	}
	for i, w := range words {
		words[i] = uint64(change(int64(w)))
	}
	d.Upload(sums.Buffer, sums.Offset, words)
}

func TestVerifyCatches(t *testing.T) {
	for name, wrong := range faults(open(t)) {
		t.Run(name, func(t *testing.T) {
			if report := verify(t, wrong, 8); report.OK {
				t.Error("not caught")
			}
		})
	}
}

// In BF16, which AMX has, only faults larger than rounding are caught.
func TestVerifyCatchesRounded(t *testing.T) {
	dev := openRounded(t)
	tooSmall := []string{"another temperature", "another temperature of fakes", "pull at 0.51"}
	for name, wrong := range faults(dev) {
		t.Run(name, func(t *testing.T) {
			if report := verify(t, wrong, 8); report.OK == !slices.Contains(tooSmall, name) {
				t.Errorf("ok=%v: %+v", report.OK, report.Parameters)
			}
		})
	}
}
