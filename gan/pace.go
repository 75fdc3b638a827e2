package gan

// pace decides how many discriminator steps go before each generator step. It
// starts at three and doubles, after each hundred generator steps, while the
// discriminator recognises too few fakes to teach anything: noise asks for more
// discriminator steps than usual (Bie, Kamath, Zhang 2023, arXiv 2302.02936). It
// goes by what was so a hundred steps ago: that has long come from the device,
// which therefore need not be waited for.
type pace struct {
	// DiscriminatorSteps before the next generator step.
	DiscriminatorSteps int `json:"discriminator_steps"`
	// Since counts discriminator steps since the last generator step.
	Since int `json:"since"`
	// Generator counts generator steps since the pace was last judged.
	Generator int  `json:"generator"`
	Fixed     bool `json:"fixed"`
	// Seen is the share of fakes recognised when the pace was last judged.
	Seen *float64 `json:"seen,omitempty"`

	coming func() (float64, error) // Seen, if it is on its way
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

// adapt judges the pace, when it is time, by the share of fakes recognised at the
// time before, and asks for that of now.
func (p *pace) adapt(accuracy func() (wait func() (float64, error))) error {
	if p.Fixed || p.Generator < judgedEvery {
		return nil
	}
	p.Generator = 0
	if err := p.settle(); err != nil {
		return err
	}
	if p.Seen != nil && *p.Seen < accuracyFloor {
		p.DiscriminatorSteps = min(2*p.DiscriminatorSteps, slowestPace)
	}
	p.coming = accuracy()
	return nil
}

// settle waits for what is on its way, so that nothing of the pace is elsewhere.
func (p *pace) settle() error {
	if p.coming == nil {
		return nil
	}
	share, err := p.coming()
	if err != nil {
		return err
	}
	p.Seen, p.coming = &share, nil
	return nil
}
