package gan

// pace decides how many discriminator steps go before each generator step. It
// starts at three and doubles, after each hundred generator steps, while the
// discriminator recognises too few fakes to teach anything: noise asks for more
// discriminator steps than usual (Bie, Kamath, Zhang 2023, arXiv 2302.02936).
type pace struct {
	// DiscriminatorSteps before the next generator step.
	DiscriminatorSteps int `json:"discriminator_steps"`
	// Since counts discriminator steps since the last generator step.
	Since int `json:"since"`
	// Generator counts generator steps since the pace was last judged.
	Generator int  `json:"generator"`
	Fixed     bool `json:"fixed"`
}

const (
	firstPace     = 3
	slowestPace   = 200
	judgedEvery   = 100
	accuracyFloor = 0.65
)

func newPace(steps *int) pace {
	if steps != nil {
		return pace{DiscriminatorSteps: *steps, Fixed: true}
	}
	return pace{DiscriminatorSteps: firstPace}
}

// due counts a discriminator step and reports whether a generator step follows.
func (p *pace) due() bool {
	p.Since++
	if p.Since < p.DiscriminatorSteps {
		return false
	}
	p.Since = 0
	p.Generator++
	return true
}

// adapt judges the pace by the share of fakes recognised, when it is time.
func (p *pace) adapt(accuracy func() (float64, error)) error {
	if p.Fixed || p.Generator < judgedEvery {
		return nil
	}
	p.Generator = 0
	share, err := accuracy()
	if err != nil {
		return err
	}
	if share < accuracyFloor {
		p.DiscriminatorSteps = min(2*p.DiscriminatorSteps, slowestPace)
	}
	return nil
}
