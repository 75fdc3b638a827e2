package reference

import (
	"maps"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/dpgan/dpgan/gan/nets"
	"gorgonia.org/tensor"
)

// Tolerance is the largest relative difference, |a-b| over the tensor's largest
// |b|, that Verify lets pass in float32 (roundedTolerance has the others). A device rounds
// each product and sum to float32, 6e-8; sums of up to some hundred terms (a layer's
// inputs, a batch), and twenty steps that carry their errors on, make it 1e-6 to 2e-5 on
// the CPU, by instruction set. The headroom is for other orders of summation and other
// exponentials.
const Tolerance = 1e-4

// clippedTolerance is Tolerance for the discriminator: a record's inputs and clipped
// deltas lie on grids (device.ClipRecord), and one that is half way between two points
// goes the other way now and then: 2⁻⁸ of an input of one record of a small batch. On
// the CPU that made up to 3.1e-4, by seed and instruction set.
const clippedTolerance = 20 * Tolerance

// normalisedFactor is by how much more the gradients of the generator before its heads may
// be off where products round: batch normalisation takes out the mean over the atoms,
// the larger part of them, but not of its rounding. It made up to 0.2 in BF16, by seed.
const normalisedFactor = 5

// floor is the least scale that a tensor is measured by, in shares of the largest
// value of its group, the same kind of numbers of the same net: the moments of a
// parameter without gradient hold nothing but rounding.
const floor = 1e-2

// Report says how far a device is from the reference.
type Report struct {
	Device    string  `json:"device"`
	Precision string  `json:"precision"`
	Steps     int     `json:"steps"`
	Tolerance float64 `json:"tolerance"`
	// Margin is the least by which a cell of a fake won against the next best, or the
	// largest number without fakes. A device whose logits are off by so much draws other
	// fakes, and then all differs.
	Margin     float64     `json:"margin"`
	Parameters []Parameter `json:"parameters"`
	OK         bool        `json:"ok"`
}

// Parameter compares, where it differs most, one tensor of the state, or one number, which has no shape; on
// a device whose products round, all tensors of a net and kind.
type Parameter struct {
	Name       string  `json:"name"`
	Shape      []int   `json:"shape"`
	Difference float64 `json:"difference"`
	// Tolerance is the report's, but for parameters that have no gradient.
	Tolerance float64 `json:"tolerance"`
	OK        bool    `json:"ok"`
}

// compare fills in how far measured is from expected after trial t.
func (r *Report) compare(measured, expected nets.Engine, t trial) error {
	a, err := measured.State()
	if err != nil {
		return err
	}
	b, err := expected.State()
	if err != nil {
		return err
	}
	if err := r.compareNumbers(measured, expected, &a, &b); err != nil {
		return err
	}
	if t.rounds {
		r.compareGroups(a.Tensors, b.Tensors)
	} else {
		r.compareTensors(a.Tensors, b.Tensors, t.rate*float64(b.GeneratorSteps))
	}
	return nil
}

// compareNumbers compares all that is no tensor.
func (r *Report) compareNumbers(measured, expected nets.Engine, a, b *nets.State) error {
	add := func(name string, got, want float64) { r.add(name, nil, math.Abs(got-want), math.Abs(want), 0) }
	add("draws", float64(a.Draws), float64(b.Draws))
	add("generator_steps", float64(a.GeneratorSteps), float64(b.GeneratorSteps))
	add("pairs_steps", float64(a.PairsSteps), float64(b.PairsSteps))
	add("net_steps", float64(a.NetSteps), float64(b.NetSteps))
	add("fake_loss", float64(a.FakeLoss), float64(b.FakeLoss))
	add("fake_share", float64(a.FakeShare), float64(b.FakeShare))
	accuracy, err := measured.FakeAccuracy()
	if err != nil {
		return err
	}
	add("fake_accuracy", accuracy, float64(b.FakeShare))
	for k, name := range []string{"loss", "held_loss"} {
		got, err := measured.Loss(k)
		if err != nil {
			return err
		}
		want, err := expected.Loss(k)
		if err != nil {
			return err
		}
		add(name, got, want)
	}
	return nil
}

// compareGroups compares all tensors of a group together, by the root of their
// mean square: where products round, single elements differ by anything.
func (r *Report) compareGroups(measured, expected nets.Tensors) {
	type sums struct {
		elements         int
		distance, square float64
	}
	groups := map[string]*sums{}
	for _, name := range slices.Sorted(maps.Keys(expected)) {
		want, got := values(expected[name]), values(measured[name])
		if exact(name) {
			r.add(name, expected[name].Shape(), distance(got, want), magnitude(want), 0)
			continue
		}
		g := groups[group(name)]
		if g == nil {
			g = &sums{}
			groups[group(name)] = g
		}
		if len(got) != len(want) {
			g.distance = math.Inf(1)
			continue
		}
		g.elements += len(want)
		for i, w := range want {
			difference := float64(got[i]) - float64(w)
			g.distance += difference * difference
			g.square += float64(w) * float64(w)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		g := groups[name]
		r.add(name, []int{g.elements}, math.Sqrt(g.distance), math.Sqrt(g.square), 0)
	}
}

// compareTensors compares by name. travel is how far Adam can move a parameter.
func (r *Report) compareTensors(measured, expected nets.Tensors, travel float64) {
	names := make([]string, 0, len(expected))
	largest := map[string]float64{}
	for name, t := range expected {
		names = append(names, name)
		largest[group(name)] = math.Max(largest[group(name)], magnitude(values(t)))
	}
	sort.Strings(names)
	for _, name := range names {
		want, slack := values(expected[name]), 0.0
		if drifts(name) {
			slack = 2 * travel
		}
		scale := math.Max(magnitude(want), floor*largest[group(name)])
		r.add(name, expected[name].Shape(), distance(values(measured[name]), want), scale, slack)
	}
}

// add judges one distance. Differences without a scale, and those that JSON does
// not know, become the largest number.
func (r *Report) add(name string, shape []int, distance, scale, slack float64) {
	p := Parameter{Name: name, Shape: append([]int{}, shape...), Tolerance: r.Tolerance}
	switch {
	case exact(name):
		p.Tolerance = 0
	case strings.Contains(name, "discriminator."):
		p.Tolerance = math.Max(p.Tolerance, clippedTolerance)
	case name == "first/generator" || name == "second/generator":
		p.Tolerance *= normalisedFactor
	}
	if distance != 0 {
		p.Difference = math.Min(distance/scale, math.MaxFloat64)
	}
	if slack > 0 {
		p.Tolerance += math.Min(slack/scale, math.MaxFloat64)
	}
	if math.IsNaN(p.Difference) {
		p.Difference = math.MaxFloat64
	}
	p.OK = p.Difference <= p.Tolerance
	r.OK = r.OK && p.OK
	if i := slices.IndexFunc(r.Parameters, func(q Parameter) bool { return q.Name == p.Name }); i < 0 {
		r.Parameters = append(r.Parameters, p)
	} else if q := &r.Parameters[i]; p.Difference-p.Tolerance >= q.Difference-q.Tolerance {
		*q = p
	}
}

// exact tells of what is the same to the last bit on all devices (device.SecondOrder).
func exact(name string) bool { return strings.HasSuffix(name, "discriminator.pairs") }

// drifts tells of the biases below a batch normalisation, which takes them out
// again: their gradient is 0, but floats leave a rounding error of it, and Adam
// makes of any gradient, however small, a step of about the learning rate. Their
// moments are compared like all others.
func drifts(name string) bool {
	return strings.HasPrefix(strings.TrimPrefix(name, bestPrefix), "generator.block") && strings.HasSuffix(name, ".bias")
}

// group is the kind and the net in a tensor's name, such as "first/generator". The heads are
// a group of their own, or they would outweigh what lies before them.
func group(name string) string {
	if at := strings.Index(name, ".heads."); at >= 0 {
		return name[:at+len(".heads")]
	}
	return name[:strings.IndexByte(name, '.')]
}

// values are a tensor's elements; none if the state lacks it.
func values(t *tensor.Dense) []float32 {
	if t == nil {
		return nil
	}
	v, _ := t.Data().([]float32)
	return v
}

func magnitude(v []float32) float64 {
	largest := 0.0
	for _, x := range v {
		largest = math.Max(largest, math.Abs(float64(x)))
	}
	return largest
}

// distance is the largest difference of two elements, infinite if there are not
// as many of both.
func distance(a, b []float32) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	largest := 0.0
	for i := range b {
		largest = math.Max(largest, math.Abs(float64(a[i])-float64(b[i])))
	}
	return largest
}
