package sample

import "testing"

func sampleOpen(t testing.TB, m *generator, config Config) ([][]uint32, *Sampler) {
	t.Helper()
	s, err := newSampler(m, config)
	if err != nil {
		t.Fatal(err)
	}
	out := make([][]uint32, len(m.domain.Learned()))
	for len(out[0]) < config.Rows {
		columns, err := s.Next(config.Rows - len(out[0]))
		if err != nil {
			t.Fatal(err)
		}
		for j := range out {
			out[j] = append(out[j], columns[j]...)
		}
	}
	return out, s
}
