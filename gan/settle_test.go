package gan

import (
	"math"
	"testing"

	"github.com/dpgan/dpgan/cpu"
)

// unsettled is a generator of pure mode that knows nothing of its tables: its heads
// have bias 0, and its statistics begin at mean and 1.
func unsettled(t *testing.T, mean float32) *Model {
	t.Helper()
	codec, marginals := smallMarginals(t)
	m := &Model{codec: codec, config: DefaultModelConfig(), marginals: marginals, tensors: Tensors{}}
	m.config.Generator.Latent, m.config.Generator.Hidden = 4, []int{8, 8}
	layout := marginals.layout()
	g := newGeneratorShape(m.config.Generator, layout)
	state := initialState(g, newDiscriminatorShape(m.config.Discriminator, layout), make([]float32, layout.Width), 3)
	for _, s := range []*store{&g.parameters, &g.running} {
		for _, e := range s.entries {
			m.tensors[e.name] = state.Tensors[e.name]
		}
	}
	for _, b := range []string{"generator.block0.running_mean", "generator.block1.running_mean"} {
		values := m.tensors[b].Data().([]float32)
		for k := range values {
			values[k] = mean
		}
	}
	return m
}

// settled are the parameters and running statistics of m after settle, which m takes too.
func settled(t *testing.T, m *Model) (parameters, running []float32) {
	t.Helper()
	dev := cpu.New(1)
	defer func() { _ = dev.Close() }()
	parameters, running, err := settle(dev, m, 5)
	if err != nil {
		t.Fatal(err)
	}
	g := newGeneratorShape(m.config.Generator, m.marginals.layout())
	g.parameters.slice(m.tensors, "", parameters)
	g.running.slice(m.tensors, "", running)
	return parameters, running
}

// farthest is how far, at most, the share of a mode in a sample of m is from that of
// the paid table.
func farthest(t *testing.T, m *Model) float64 {
	t.Helper()
	const rows = 20_000
	most := 0.0
	for j, codes := range sample(t, m, 7, rows) {
		e := m.marginals.Encodings[j]
		often := make([]float64, len(e.Edges)-1)
		for _, code := range codes {
			k := 0
			for code >= e.Edges[k+1] {
				k++
			}
			often[k] += 1.0 / rows
		}
		for k, p := range often {
			most = math.Max(most, math.Abs(p-m.marginals.Shares[j][k]))
		}
	}
	return most
}

// A settled generator draws each column as its paid table says, whatever it was
// trained to do. The last round's sample of 8,192 rows and this one of 20,000 have
// standard errors of .0055 and .0035 at most: .04 is 6 of them.
func TestSettledHeadsFollowTheTables(t *testing.T) {
	m := unsettled(t, 0)
	if before := farthest(t, m); before < 0.1 {
		t.Fatalf("the generator is within %.3f of its tables before it is settled: nothing to see", before)
	}
	settled(t, m)
	if after := farthest(t, m); after > 0.04 {
		t.Errorf("a mode is off by %.3f after it was settled", after)
	}
}

// The statistics of a settled generator are those of its parameters: where they
// began is forgotten.
func TestSettledStatisticsForgetWhereTheyBegan(t *testing.T) {
	_, low := settled(t, unsettled(t, -50))
	_, high := settled(t, unsettled(t, 50))
	for k := range low {
		if math.Abs(float64(low[k]-high[k])) > 0.5 { // 100·0.9⁶⁴ = 0.12
			t.Errorf("statistic %d is %g or %g, by where it began", k, low[k], high[k])
		}
	}
}
