package gan

// find looks, once the second-order discriminator is done, for columns that are functions
// of others. If some are found, training goes on from what it knows, without those columns,
// with a generator that begins anew.
func (l *training) find() error {
	c, s := l.state, &l.settings
	if !s.Training.DetectDependencies || c.Searched {
		return nil
	}
	values, err := l.allWeights()
	if err != nil {
		return err
	}
	counts, noise := l.together(values, int(c.PairsSteps))
	m := c.Joint.told(counts, noise, s.Domain, s.target(), float64(c.Rows))
	if c.Searched = true; m == nil {
		return nil
	}
	if err := l.close(); err != nil {
		return err
	}
	c.Joint, c.Told, c.Atoms, c.GeneratorSteps = m, true, nil, 0
	l.lay()
	return l.build(nil)
}
