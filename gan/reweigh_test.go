package gan

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/mixture"
)

// parity is a model of three fair coins, of which the discriminator says that an
// even number shows heads: what no pair of columns tells, so raking keeps it. With s
// heads its logit is 1, -1, 1, -1 at s = 0, 1, 2, 3: -2s + 20/5·(relu(s-1) - relu(s-2)) + 1,
// made of s+10, s-1 and s-2 behind leaky units of slope 0.2.
func parity(t *testing.T) (*mixtureModel, *mixture.Mixture) {
	t.Helper()
	mix, err := mixture.New([]float32{.5, .5, .5, .5, .5, .5}, []int{2, 2, 2})
	if err != nil {
		t.Fatal(err)
	}
	m := &mixtureModel{Columns: make([]Column, 3), Discriminator: &DiscriminatorConfig{Hidden: []int{3}}, tensors: Tensors{}}
	for j := range m.Columns {
		m.Columns[j].Count = 2
	}
	white := &Whitening{Inputs: 6, Outputs: 1, Weight: []float32{0, 1, 0, 1, 0, 1}, Bias: []float32{0}} // s
	white.slice(m.tensors)
	shape := newDiscriminatorShape(*m.Discriminator, &device.Layout{Width: 1})
	values := slices.Concat([]float32{1, 1, 1}, []float32{10, -1, -2}, []float32{-2, 5, -5}, []float32{20})
	shape.parameters.slice(m.tensors, "", values)
	return m, mix
}

func heads(row []uint32) uint32 { return row[0] + row[1] + row[2] }

// Rows that the discriminator takes for real become more frequent, by the weights
// e^±spread that it may give, in the sample and among what is proposed to refine
// it; single columns and pairs keep their frequencies.
func TestReweighingFollowsTheDiscriminator(t *testing.T) {
	m, mix := parity(t)
	dev := cpu.New(1)
	defer func() { _ = dev.Close() }()
	logits, err := m.judge(dev, &mixture.Rows{Cells: []uint32{0, 0, 0, 0, 1, 0, 1, 0, 1, 1, 1, 1}, Atoms: make([]uint32, 4)})
	if err != nil || !slices.Equal(logits, []float32{1, -1, 1, -1}) {
		t.Fatalf("logits %v of 0 … 3 heads, %v", logits, err)
	}
	const n = 20_000
	rows, propose, err := m.reweighed(dev, mix, n, 6)
	if err != nil {
		t.Fatal(err)
	}
	even, proposed, pairs := 0.0, 0.0, [3][4]float64{}
	random, row := rand.New(rand.NewPCG(1, 1)), make([]uint32, 3)
	for i := range n {
		drawn := rows.Cells[3*i : 3*i+3]
		even += float64(1-heads(drawn)%2) / n
		for k, pair := range [][2]int{{0, 1}, {0, 2}, {1, 2}} {
			pairs[k][2*drawn[pair[0]]+drawn[pair[1]]] += 1.0 / n
		}
		propose(row, i, random)
		proposed += float64(1-heads(row)%2) / n
	}
	// Half the logits are 1 and half -1: their deviation is 1, so the weights of the two
	// differ by a factor of e^(2·spread). .025 is 7 standard errors of a share.
	want := 1 / (1 + math.Exp(-2*reweighSpread))
	for name, share := range map[string]float64{"sample": even, "proposals": proposed} {
		if math.Abs(share-want) > 0.025 {
			t.Errorf("%s: %.3f of the rows have an even number of heads, want %.3f", name, share, want)
		}
	}
	for k := range pairs {
		for c, p := range pairs[k] {
			if math.Abs(p-0.25) > 0.02 {
				t.Errorf("pair %d: cell %d has a share of %.3f, not of a quarter", k, c, p)
			}
		}
	}
}

// A discriminator that objects to a single column changes nothing: the tables know
// better, and raking keeps what they say. Unraked, heads would have a share of .56.
func TestReweighingKeepsPairs(t *testing.T) {
	m, mix := parity(t)
	shape := newDiscriminatorShape(*m.Discriminator, &device.Layout{Width: 1})
	shape.parameters.slice(m.tensors, "", slices.Concat([]float32{1, 1, 1}, []float32{10, -1, -2}, []float32{1, 0, 0}, []float32{0}))
	dev := cpu.New(1)
	defer func() { _ = dev.Close() }()
	const n = 20_000
	rows, _, err := m.reweighed(dev, mix, n, 6)
	if err != nil {
		t.Fatal(err)
	}
	for j := range 3 {
		share := 0.0
		for i := range n {
			share += float64(rows.Cells[3*i+j]) / n
		}
		if math.Abs(share-0.5) > 0.02 { // 5 standard errors
			t.Errorf("column %d shows heads in %.3f of the rows", j, share)
		}
	}
}
