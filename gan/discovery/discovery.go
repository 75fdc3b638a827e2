package discovery

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/tabular"
)

// Discover pays for what schema leaves open and returns it filled, with warnings
// about answers that the noise makes doubtful. It opens the ledgers of start, and closes
// them. A fact that privacy.discovery does not pay for is left open. seed, if there is
// one, makes it repeatable, and worthless as protection.
func Discover(ctx context.Context, path string, schema tabular.Schema, privacy dpsgd.Config, start dpsgd.Start, seed *uint64) (filled tabular.Schema, warnings []string, err error) {
	paid, _ := Undeclared(schema, privacy)
	if len(paid) == 0 {
		return schema, nil, nil
	}
	standIn := schema.StandIn(paid)
	codec, err := standIn.Compile()
	if err != nil {
		return schema, nil, err
	}
	// A cell that the declared columns refuse must stop the run before it pays.
	if _, err := tabular.Read(ctx, path, codec, tabular.Discard); HideEmpty(err, privacy) != nil {
		return schema, nil, err
	}
	budget, err := dpsgd.OpenBudget(privacy, start)
	if err != nil {
		return schema, nil, err
	}
	defer func() { err = errors.Join(err, budget.Close()) }()
	entropy := dpsgd.SecureEntropy()
	if seed != nil {
		entropy = dpsgd.InsecureEntropy(^*seed) // the trainer's keys come from the seed itself
	}
	d := &discovery{path: path, schema: schema, privacy: privacy, budget: budget, entropy: entropy, found: map[int]tabular.DiscoveredFacts{}}
	if err := d.look(ctx, paid); err != nil {
		return schema, nil, err
	}
	if privacy.Discovery.Edges > 0 {
		if err := d.lookCloser(ctx, paid); err != nil {
			return schema, nil, err
		}
	}
	return schema.Fill(paid, d.found), d.warnings, nil
}

// HideEmpty is err, but nil for a table without rows whose number of rows is private:
// a refusal would tell it from a table of one row.
func HideEmpty(err error, privacy dpsgd.Config) error {
	if privacy.RowCount == dpsgd.RowCountDiscovered && errors.Is(err, tabular.ErrNoRows) {
		return nil
	}
	return err
}

// discovery is one discovery in one or two passes over the table.
type discovery struct {
	path     string
	schema   tabular.Schema
	privacy  dpsgd.Config
	budget   *dpsgd.Budget
	entropy  *dpsgd.Entropy
	found    map[int]tabular.DiscoveredFacts // by column of the schema
	warnings []string
}

// look asks for gaps in one pass.
func (d *discovery) look(ctx context.Context, gaps []tabular.Gap) error {
	asks := map[int]dpsgd.Ask{}
	for _, gap := range gaps {
		ask := asks[gap.Column]
		switch gap.Fact {
		case tabular.FactBounds:
			ask.Buckets, ask.Range = d.schema.Columns[gap.Column].Edges(), dpsgd.AskBounds
		case tabular.FactValues:
			ask.Values = true
		case tabular.FactNullable:
			ask.Missing = true
		}
		asks[gap.Column] = ask
	}
	return d.pass(ctx, asks, func(i int, ask dpsgd.Ask, answer dpsgd.Answer) {
		f := tabular.DiscoveredFacts{Values: answer.Values, Nullable: answer.Missing}
		name := d.schema.Columns[i].Name
		if ask.Buckets != nil {
			f.Low, f.High = ask.Buckets[answer.Low], ask.Buckets[answer.High]
		}
		if answer.Unsure {
			d.warnings = append(d.warnings, fmt.Sprintf("column %q: no range stands out from the noise: its bounds are a guess; declare them, or raise privacy.discovery.bounds", name))
		}
		if ask.Values && len(answer.Values) == 0 {
			d.warnings = append(d.warnings, fmt.Sprintf("column %q: no category is frequent enough to be found: all cells become %q; declare its values, make it an id, or raise privacy.discovery.categories", name, tabular.OtherValue))
		}
		d.found[i] = f
	})
}

// lookCloser tightens the bounds found, in a second pass.
func (d *discovery) lookCloser(ctx context.Context, gaps []tabular.Gap) error {
	asks := map[int]dpsgd.Ask{}
	for _, gap := range gaps {
		if gap.Fact == tabular.FactBounds {
			f := d.found[gap.Column]
			asks[gap.Column] = dpsgd.Ask{Buckets: d.schema.Columns[gap.Column].Finer(f.Low, f.High), Range: dpsgd.AskEdges}
		}
	}
	return d.pass(ctx, asks, func(i int, ask dpsgd.Ask, answer dpsgd.Answer) {
		if f := d.found[i]; !answer.Unsure {
			f.Low, f.High = ask.Buckets[answer.Low], ask.Buckets[answer.High]
			d.found[i] = f
		}
	})
}

// pass pays for asks, reads the table once and hands over the answers.
func (d *discovery) pass(ctx context.Context, asks map[int]dpsgd.Ask, take func(i int, ask dpsgd.Ask, answer dpsgd.Answer)) error {
	if len(asks) == 0 {
		return nil
	}
	var columns []int
	for i := range asks {
		columns = append(columns, i)
	}
	slices.Sort(columns)
	ordered := make([]dpsgd.Ask, len(columns))
	for k, i := range columns {
		ordered[k] = asks[i]
	}
	gate, err := dpsgd.NewDiscovery(d.privacy, ordered, d.budget, d.entropy)
	if err != nil {
		return err
	}
	if err := HideEmpty(tabular.Scan(ctx, d.path, &d.schema, columns, gate), d.privacy); err != nil {
		return err
	}
	answers, err := gate.Answers()
	if err != nil {
		return err
	}
	for k, i := range columns {
		take(i, ordered[k], answers[k])
	}
	return nil
}
