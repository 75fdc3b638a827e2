package sample

import (
	"testing"

	"github.com/dpgan/dpgan/gan/gantest"
)

func sampleOpen(t testing.TB, m *generator, config Config) ([][]uint32, *Sampler) {
	t.Helper()
	s, err := newSampler(m, config)
	if err != nil {
		t.Fatal(err)
	}
	return gantest.Collect(t, s.All()), s
}
