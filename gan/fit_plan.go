package gan

import (
	"math"

	"github.com/dpgan/dpgan/gan/nets"
)

// fitPlan is how the generator is fitted: its shape, its rates, and for how many steps
// at most.
type fitPlan struct {
	Atoms        nets.AtomsConfig
	Steps        int
	LearningRate float64 // of the net
	CodesRate    float64 // of the codes
	Cosine       bool    // whether rates fall to a hundredth
}

// planFit chooses the net for rows of width cells and tables of slices slices by how far
// their counts stand above their noise. Where they do, few steps of a large rate without
// hidden layers fit them best; where not, hidden layers keep the fit from following the
// noise. What config says in numbers it keeps.
func planFit(signal float64, width, slices int, config nets.GeneratorConfig) fitPlan {
	plan := fitPlan{Atoms: nets.AtomsConfig{Latent: 64}, Steps: 1000, LearningRate: 0.02, CodesRate: 0.05, Cosine: true}
	most := 2048
	if signal < strongSignal {
		most = 1024
		hidden := min(256, max(32, 2*width))
		plan = fitPlan{Atoms: nets.AtomsConfig{Latent: min(128, hidden), Hidden: []int{hidden, hidden}}, Steps: 1500, LearningRate: 3e-3, CodesRate: 0.03}
	}
	plan.Atoms.Count = atomsFor(width, slices, most)
	if config.Atoms > 0 {
		plan.Atoms.Count = config.Atoms
	}
	if config.Latent > 0 {
		plan.Atoms.Latent = config.Latent
	}
	return plan
}

// atomsFor is most, or fewer for a narrow table, which has less to tell apart, and
// for one whose products would take long: they grow with atoms·cells²·slices.
func atomsFor(width, slices, most int) int {
	const work, least = 1 << 28, 512
	return min(most, max(least, work/(width*width*slices)), max(64, 10*width))
}

// strongSignal is a mean count, in standard deviations of its noise.
const strongSignal = 2

// rates are those of the generator's net and codes at a step.
func (p *fitPlan) rates(step int) (net, codes float64) {
	scale := 1.0
	if p.Cosine {
		scale = 0.5*(1+math.Cos(math.Pi*math.Min(1, float64(step)/float64(p.Steps)))) + 0.01
	}
	return p.LearningRate * scale, p.CodesRate * scale
}
