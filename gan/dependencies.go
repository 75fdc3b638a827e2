package gan

// findDependencies looks, once the second-order discriminator is done, for columns that are functions
// of others. If some are found, training goes on from what it knows, without those columns,
// with a generator that begins anew.
func (l *run) findDependencies() error {
	c, s := l.state, &l.settings
	if !s.Training.DetectDependencies || c.Searched {
		return nil
	}
	values, err := l.allWeights()
	if err != nil {
		return err
	}
	counts, noise := l.Combined(values, int(c.PairsSteps))
	m := c.Joint.WithDependencies(counts, noise, s.Domain, s.target(), float64(c.Rows))
	if c.Searched = true; m == nil {
		return nil
	}
	if err := l.close(); err != nil {
		return err
	}
	c.Joint, c.Dependent, c.Atoms, c.GeneratorSteps = m, true, nil, 0
	l.layOut()
	return l.openEngine(nil)
}
