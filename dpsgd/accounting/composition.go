package accounting

// composition is a list of releases as the PLD accountant sees it. The counts of its releases may change
// between queries; their tables are kept.
type composition struct {
	releases []*release
	infinite float64 // probability that an (ε, δ) release fails outright
}

func newComposition(events []Event) *composition {
	releases, infinite := groupReleases(events)
	return &composition{releases: releases, infinite: infinite}
}

// releaseCount is the number of releases whose losses go through the grid.
func (c *composition) releaseCount() int {
	total := 0
	for _, p := range c.releases {
		total += p.count
	}
	return total
}

// onGrid returns the releases of one direction on the grid of a level, and on a coarse one.
func (c *composition) onGrid(level int, add bool) *gridComposition {
	g := &gridComposition{h: gridWidth(level), powers: c.powers(level, add)}
	g.coarse = g
	if level < coarsestLevel {
		g.coarse = &gridComposition{h: gridWidth(coarsestLevel), powers: c.powers(coarsestLevel, add)}
	}
	return g
}

func (c *composition) powers(level int, add bool) []power {
	powers := make([]power, 0, len(c.releases))
	for _, p := range c.releases {
		if p.count == 0 {
			continue
		}
		d := p.onGrid(level)
		if add {
			powers = append(powers, power{d.add, p.count})
		} else {
			powers = append(powers, power{d.remove, p.count})
		}
	}
	return powers
}

// atoms reports whether no release has a density.
func (c *composition) atoms() bool {
	for _, p := range c.releases {
		if p.count > 0 && !p.atoms {
			return false
		}
	}
	return true
}

// finest is the least grid level that every release can be held on.
func (c *composition) finest() int {
	level := 0
	for _, p := range c.releases {
		level = max(level, p.finestLevel())
	}
	return level
}
