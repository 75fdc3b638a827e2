package gan

import (
	"fmt"
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
	probability float64  // of the conditions
	balance     *balance // nil: none
}

// conditioned is m given the conditions of config, of which those on columns that
// rules derive from others are met by the others.
func (m *mixtureModel) conditioned(dev device.Device, codec *tabular.Codec, rules *tabular.Rules, config *SampleConfig) (*conditioned, error) {
	mix, err := m.open(dev)
	if err != nil {
		return nil, err
	}
	conditions, err := parseConditions(codec, config.Where)
	if err != nil {
		return nil, err
	}
	if conditions, err = fromSources(rules, conditions); err != nil {
		return nil, err
	}
	wanted := make([]wantedCodes, len(m.Columns))
	for _, c := range conditions {
		wanted[c.column] = wantAll(c.codes)
	}
	c := &conditioned{Mixture: mix, probability: 1}
	if err := m.give(c, mix, wanted); err != nil {
		return nil, err
	}
	if c.probability < leastProbability {
		return nil, m.impossible(mix, codec, conditions, c.probability)
	}
	if config.Balance == "" {
		return c, nil
	}
	if c.balance, err = newBalance(codec, config.Balance, conditions); err != nil {
		return nil, err
	}
	if d, follows := determined(rules)[c.balance.column]; follows {
		schema := codec.Schema()
		return nil, &ConditionError{"balance", config.Balance, fmt.Sprintf("by a rule it follows from column %q, which the model knows instead: balance that, or another",
			schema.Columns[codec.Learned()[d.Source]].Name)}
	}
	probability, j := c.probability, c.balance.column
	decoder, shares := newDecoder(&m.Columns[j], wanted[j]), c.Shares(j)
	err = c.balance.keep(codec, func(code uint32) float64 {
		cell := m.Columns[j].cell(code)
		alone := newDecoder(&m.Columns[j], wantedCodes{{tabular.Run{From: code, To: code + 1}, 1}})
		return shares[cell] * alone.share(int(cell)) / decoder.share(int(cell))
	})
	if err != nil {
		return nil, err
	}
	wanted[j] = c.balance.wanted()
	if err := m.give(c, mix, wanted); err != nil {
		return nil, err
	}
	c.probability = probability
	return c, nil
}

// give makes c mix given what is wanted.
func (m *mixtureModel) give(c *conditioned, mix *mixture.Mixture, wanted []wantedCodes) (err error) {
	c.decoders = newDecoders(m.Columns, wanted)
	for _, w := range wanted {
		if w != nil {
			c.Mixture, c.probability, err = mix.Given(evidence(m.Columns, wanted, c.decoders))
			return err
		}
	}
	return nil
}

// impossible names the condition that the model gives too little probability.
func (m *mixtureModel) impossible(mix *mixture.Mixture, codec *tabular.Codec, conditions []condition, probability float64) error {
	var alone []string
	for _, c := range conditions {
		wanted := make([]wantedCodes, len(m.Columns))
		wanted[c.column] = wantAll(c.codes)
		var one conditioned
		if err := m.give(&one, mix, wanted); err != nil {
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
func (m *mixtureModel) sample(dev device.Device, c *conditioned, how string, n, done int, seed uint64) ([][]uint32, error) {
	if c.balance == nil {
		rows, err := m.refined(dev, c.Mixture, how, n, seed)
		if err != nil {
			return nil, err
		}
		return decode(c.decoders, rows, seed), nil
	}
	j, codes := c.balance.column, c.balance.codes(n, done, seed)
	cells := make([]uint32, n)
	for i, code := range codes {
		cells[i] = m.Columns[j].cell(code)
	}
	rows := c.SampleWith(j, cells, seed)
	if how == RefineMoments {
		c.Refine(rows, c.FromAtomsKeeping(rows, j), seed, refineRounds(len(m.Columns)))
	}
	columns := decode(c.decoders, rows, seed)
	columns[j] = codes
	return columns, nil
}
