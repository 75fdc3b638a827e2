package mixture

import (
	"math"
	"testing"
)

// If there are too many parts of atoms, those drawn stand for all of them.
func TestGivenPairDrawsParts(t *testing.T) {
	m, err := New([]float32{
		.5, .3, .2, .6, .4, .9, .1,
		.1, .2, .7, .2, .8, .3, .7,
	}, []int{3, 2, 2})
	if err != nil {
		t.Fatal(err)
	}
	links := []Link{{0, 0, 1}, {1, 1, .5}, {2, 0, .25}, {2, 1, .75}}
	want, share := 0.0, 0.0 // of cell 1 of the last column
	for _, atom := range [][]float64{{.5, .3, .2, .6, .4, .1}, {.1, .2, .7, .2, .8, .7}} {
		p := atom[0]*atom[3] + .5*atom[1]*atom[4] + atom[2]*(.25*atom[3]+.75*atom[4])
		share += p / 2
		want += p * atom[5] / 2
	}
	want /= share
	all, p, err := m.GivenPair(0, 1, links, 100, 1)
	if err != nil || all.Atoms() != 6 || math.Abs(p-share) > 1e-6 || math.Abs(all.Shares(2)[1]-want) > 1e-6 {
		t.Fatalf("probability %v, share %v, want %v, %v: %v", p, all.Shares(2)[1], share, want, err)
	}
	mean := 0.0
	const seeds = 2000
	for seed := range uint64(seeds) {
		some, p, err := m.GivenPair(0, 1, links, 2, seed)
		if err != nil || some.Atoms() > 2 || math.Abs(p-share) > 1e-6 {
			t.Fatalf("%d atoms of probability %v, %v", some.Atoms(), p, err)
		}
		mean += some.Shares(2)[1] / seeds
	}
	if math.Abs(mean-want) > 5*0.3/math.Sqrt(seeds) {
		t.Errorf("share %v over the seeds, want %v", mean, want)
	}
	if none, p, err := m.GivenPair(0, 1, nil, 100, 1); none != nil || p != 0 || err != nil {
		t.Errorf("without links: %v of probability %v, %v", none, p, err)
	}
}
