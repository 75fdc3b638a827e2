package gan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/mixture"
	"github.com/dpgan/dpgan/tabular"
)

// leastProbability is the least probability that a condition may have in a model:
// of rarer rows it knows nothing.
const leastProbability = 1e-9

// conditioned is a mixture given what is wanted of its rows.
type conditioned struct {
	*mixture.Mixture
	decoders    []*decoder
	probability float64  // of the conditions, but for rest
	balance     *balance // nil: none
	pair        *pairing // of the condition joint; nil: none
	joint       condition
	rest        []condition // those that rows are drawn anew for
	tried, met  int         // rows drawn for rest
}

// share is about how probable the conditions are.
func (c *conditioned) share() float64 {
	if c.tried == 0 {
		return c.probability
	}
	return c.probability * float64(c.met) / float64(c.tried)
}

// conditioned is m given the conditions of config, of which those on columns that
// rules derive from others are met by the others.
func (m *mixtureModel) conditioned(dev device.Device, codec *tabular.Codec, rules *tabular.Rules, config *SampleConfig) (*conditioned, error) {
	mix, err := m.open(dev)
	if err != nil {
		return nil, err
	}
	asked, err := parseConditions(codec, config.Where)
	if err != nil {
		return nil, err
	}
	conditions, err := fromSources(rules, asked)
	if err != nil {
		return nil, err
	}
	wanted, on := m.wanted(conditions)
	c := &conditioned{Mixture: mix, probability: 1}
	if err := m.give(c, mix, wanted, on, config.Seed); err != nil {
		return nil, err
	}
	if c.probability < leastProbability {
		return nil, m.impossible(mix, codec, conditions, c.probability)
	}
	if config.Balance == "" {
		return c, nil
	}
	if c.balance, err = newBalance(codec, config.Balance, asked); err != nil {
		return nil, err
	}
	j, _ := rootOf(rules, c.balance.column, nil)
	if differenceOf(m.Differences, j) != nil {
		schema := codec.Schema()
		return nil, &ConditionError{"balance", config.Balance, fmt.Sprintf("it follows from column %q, which the model knows by its distance from another: balance another",
			schema.Columns[codec.Learned()[j]].Name)}
	}
	c.balance.via = j
	var left tabular.CodeSet
	if at := slices.IndexFunc(conditions, func(c condition) bool { return c.column == j }); at >= 0 {
		left = conditions[at].codes
	}
	probability := c.probability
	if err := c.balance.settle(codec, rules, &m.Columns[j], c.decoders[j], left, c.Shares(j)); err != nil {
		return nil, err
	}
	wanted[j] = c.balance.wanted()
	if err := m.give(c, mix, wanted, on, config.Seed); err != nil {
		return nil, err
	}
	c.probability = probability
	return c, nil
}

// wanted is what conditions want of the columns that the mixture knows, and those
// of them that are on columns of which it knows the distance from another.
func (m *mixtureModel) wanted(conditions []condition) (wanted []wantedCodes, on []condition) {
	wanted = make([]wantedCodes, len(m.Columns))
	for _, c := range conditions {
		if differenceOf(m.Differences, c.column) != nil {
			on = append(on, c)
		} else {
			wanted[c.column] = wantAll(c.codes)
		}
	}
	return wanted, on
}

// pairedAtoms is the most atoms of a mixture given a condition on two columns.
const pairedAtoms = 1 << 14

// give makes c mix given what is wanted. Of the conditions on derived columns the
// first one whose base is not derived itself is met by base and distance together;
// the others remain.
func (m *mixtureModel) give(c *conditioned, mix *mixture.Mixture, wanted []wantedCodes, on []condition, seed uint64) (err error) {
	c.Mixture, c.probability, c.pair, c.rest = mix, 1, nil, nil
	c.decoders = newDecoders(m.Columns, wanted)
	if slices.ContainsFunc(wanted, func(w wantedCodes) bool { return w != nil }) {
		if c.Mixture, c.probability, err = mix.Given(evidence(m.Columns, wanted, c.decoders)); err != nil || c.Mixture == nil {
			return err
		}
	}
	for _, one := range on {
		d := differenceOf(m.Differences, one.column)
		if c.pair != nil || differenceOf(m.Differences, d.Base) != nil {
			c.rest = append(c.rest, one)
			continue
		}
		c.pair, c.joint = newPairing(d, c.decoders[d.Base], c.decoders[d.Target]), one
		given, share, err := c.GivenPair(d.Base, d.Target, c.pair.links(one.codes), pairedAtoms, seed)
		c.Mixture, c.probability = given, c.probability*share
		if err != nil || given == nil {
			return err
		}
	}
	return nil
}

// impossible names the condition that the model gives too little probability.
func (m *mixtureModel) impossible(mix *mixture.Mixture, codec *tabular.Codec, conditions []condition, probability float64) error {
	var alone []string
	for _, c := range conditions {
		wanted, on := m.wanted([]condition{c})
		var one conditioned
		if err := m.give(&one, mix, wanted, on, 0); err != nil {
			return err
		}
		if one.probability < leastProbability {
			return improbable(codec, c, one.probability)
		}
		alone = append(alone, fmt.Sprintf("%s has %.3g", c.text, one.probability))
	}
	return &ConditionError{"where", conditions[0].text, fmt.Sprintf(
		"together with the others it has a probability of %.3g in the model, which knows nothing of what is rarer than %g (alone, %s): drop or widen one",
		probability, leastProbability, strings.Join(alone, ", "))}
}

func improbable(codec *tabular.Codec, c condition, probability float64) error {
	return &ConditionError{"where", c.text, fmt.Sprintf("has a probability of %.3g in the model, which knows nothing of what is rarer than %g: widen it; %s",
		probability, leastProbability, allowed(codec, c.column))}
}

// sample draws n rows, refined as how says; done rows were drawn before.
func (m *mixtureModel) sample(c *conditioned, how string, n, done int, seed uint64) ([][]uint32, error) {
	var balanced []uint32
	if c.balance != nil {
		balanced = c.balance.codes(n, done, seed)
	}
	if len(c.rest) > 0 {
		return m.sampleRest(c, n, balanced, seed)
	}
	return m.draw(c, how, n, balanced, seed), nil
}

// draw draws n rows, with the codes of balanced, if any, in the balanced column.
func (m *mixtureModel) draw(c *conditioned, how string, n int, balanced []uint32, seed uint64) [][]uint32 {
	if balanced == nil {
		return m.decode(c, m.refined(c.Mixture, how, n, seed), seed)
	}
	j, cells, codes := c.balance.via, make([]uint32, n), c.balance.viaCodes(balanced, seed)
	for i, code := range codes {
		cells[i] = m.Columns[j].cell(code)
	}
	rows := c.SampleWith(j, cells, seed)
	if how == RefineMoments {
		c.Refine(rows, c.FromAtomsKeeping(rows, j), seed, refineRounds(len(m.Columns)))
	}
	columns := m.decode(c, rows, seed)
	copy(columns[j], codes)
	copy(columns[c.balance.column], balanced)
	return columns
}
