package tabular

import "math"

// Marginal is how often the values of a column occur, publicly known with the
// precision of a sample of Confidence rows. The groups are disjoint; what they
// leave of the column's codes has the share that they leave of one.
type Marginal struct {
	Column     int
	Groups     []CodeSet
	Shares     []float64
	Confidence float64
}

// sharesSlack is by how much rounded shares may miss a sum of one.
const sharesSlack = 0.01

func (r *Rules) compileMarginal(_ int, d *Rule, fail failer) {
	j, err := r.codec.Find(d.Marginal)
	if err != nil {
		fail("marginal", -1, "%v", err)
		return
	}
	if !(d.Confidence > 0) || math.IsInf(d.Confidence, 1) {
		fail("confidence", -1, "%v rows: must be a number above 0", d.Confidence)
		return
	}
	for _, m := range r.marginals {
		if m.Column == j {
			fail("marginal", -1, "column %q has shares already: remove one", shorten(d.Marginal))
			return
		}
	}
	m := Marginal{Column: j, Confidence: d.Confidence}
	var covered CodeSet
	sum := 0.0
	for i, s := range d.Shares {
		codes, err := r.codec.Condition(j, []string{s.Name})
		switch {
		case err != nil:
			fail("shares", i, "column %q: %v", shorten(d.Marginal), err)
			return
		case !(s.Share >= 0 && s.Share <= 1):
			fail("shares", i, "%q: share %v: must lie between 0 and 1", shorten(s.Name), s.Share)
			return
		}
		if twice := covered.And(codes); len(twice) > 0 {
			fail("shares", i, "%s of column %q has a share already: remove one", r.codec.cell(j, twice[0].From), shorten(d.Marginal))
			return
		}
		covered = covered.or(codes)
		m.Groups, m.Shares = append(m.Groups, codes), append(m.Shares, s.Share)
		sum += s.Share
	}
	whole := len(covered.not(r.codec.Size(j))) == 0
	if sum > 1+sharesSlack || whole && sum < 1-sharesSlack {
		fail("shares", -1, "sum to %.4g: must be at most 1, and 1 if they name every value", sum)
		return
	}
	if whole || sum > 1 {
		for g := range m.Shares {
			m.Shares[g] /= sum
		}
	}
	if rest := covered.not(r.codec.Size(j)); len(rest) > 0 {
		m.Groups, m.Shares = append(m.Groups, rest), append(m.Shares, math.Max(0, 1-sum))
	}
	r.marginals = append(r.marginals, m)
}
