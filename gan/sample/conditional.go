package sample

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dpgan/dpgan/gan/mixture"
	"github.com/dpgan/dpgan/tabular"
)

// conditional is a mixture given what is wanted of its rows.
type conditional struct {
	*mixture.Mixture
	decoders      []*decoder
	probability   float64       // of the conditions, but for rest
	balance       *balance      // nil: none
	pair          *baseDistance // of the condition joint; nil: none
	pairPredicate predicate
	rejected      []predicate // those that rows are drawn anew for
	tried, met    int         // rows drawn for rest
}

// share is about how probable the conditions are.
func (c *conditional) share() float64 {
	if c.tried == 0 {
		return c.probability
	}
	return c.probability * float64(c.met) / float64(c.tried)
}

// given is o given what r wants, of which conditions on columns that rules derive
// from others are met by the others.
func (o *generator) given(r *request, seed uint64) (*conditional, error) {
	wanted, on := o.wanted(r.roots)
	c := &conditional{Mixture: o.mixture, probability: 1}
	if err := o.apply(c, wanted, on, seed); err != nil {
		return nil, err
	}
	if c.probability < leastProbability {
		return nil, o.impossible(r.roots, c.probability)
	}
	if r.balance == nil {
		return c, nil
	}
	c.balance = r.balance
	j := c.balance.via
	if tabular.DifferenceOf(o.differences, j) != nil {
		return nil, &ConditionError{"balance", o.domain.Name(c.balance.column), fmt.Sprintf("it follows from column %q, which the model knows by its distance from another: balance another", o.domain.Name(j))}
	}
	probability := c.probability
	if err := c.balance.solve(o.domain, &o.columns[j], c.decoders[j], r.on(j), c.Shares(j)); err != nil {
		return nil, err
	}
	wanted[j] = c.balance.weights()
	if err := o.apply(c, wanted, on, seed); err != nil {
		return nil, err
	}
	c.probability = probability
	return c, nil
}

// wanted is what conditions want of the columns that the mixture knows, and those
// of them that are on columns of which it knows the distance from another.
func (o *generator) wanted(conditions []predicate) (wanted []codeWeights, on []predicate) {
	wanted = make([]codeWeights, len(o.columns))
	for _, c := range conditions {
		if tabular.DifferenceOf(o.differences, c.column) != nil {
			on = append(on, c)
		} else {
			wanted[c.column] = evenly(c.codes)
		}
	}
	return wanted, on
}

// pairedAtoms is the most atoms of a mixture given a condition on two columns.
const pairedAtoms = 1 << 14

// apply makes c the mixture given what is wanted. Of the conditions on derived columns the
// first one whose base is not derived itself is met by base and distance together;
// the others remain.
func (o *generator) apply(c *conditional, wanted []codeWeights, on []predicate, seed uint64) (err error) {
	c.Mixture, c.probability, c.pair, c.rejected = o.mixture, 1, nil, nil
	c.decoders = newDecoders(o.columns, wanted)
	if slices.ContainsFunc(wanted, func(w codeWeights) bool { return w != nil }) {
		if c.Mixture, c.probability, err = o.mixture.Given(evidence(o.columns, wanted, c.decoders)); err != nil || c.Mixture == nil {
			return err
		}
	}
	for _, one := range on {
		d := tabular.DifferenceOf(o.differences, one.column)
		if c.pair != nil || tabular.DifferenceOf(o.differences, d.Base) != nil {
			c.rejected = append(c.rejected, one)
			continue
		}
		c.pair, c.pairPredicate = newBaseDistance(d, c.decoders[d.Base], c.decoders[d.Target]), one
		given, share, err := c.GivenPair(d.Base, d.Target, c.pair.cellPairs(one.codes), pairedAtoms, seed)
		c.Mixture, c.probability = given, c.probability*share
		if err != nil || given == nil {
			return err
		}
	}
	return nil
}

// impossible names the condition that the model gives too little probability.
func (o *generator) impossible(conditions []predicate, probability float64) error {
	var alone []string
	for _, c := range conditions {
		wanted, on := o.wanted([]predicate{c})
		var one conditional
		if err := o.apply(&one, wanted, on, 0); err != nil {
			return err
		}
		if one.probability < leastProbability {
			return improbable(o.domain.Codec, c, one.probability)
		}
		alone = append(alone, fmt.Sprintf("%s has %.3g", c.text, one.probability))
	}
	return &ConditionError{"where", conditions[0].text, fmt.Sprintf(
		"together with the others it has a probability of %.3g in the model, which knows nothing of what is rarer than %g (alone, %s): drop or widen one",
		probability, leastProbability, strings.Join(alone, ", "))}
}

func improbable(codec *tabular.Codec, c predicate, probability float64) error {
	return &ConditionError{"where", c.text, fmt.Sprintf("has a probability of %.3g in the model, which knows nothing of what is rarer than %g: widen it; %s",
		probability, leastProbability, allowed(codec, c.column))}
}
