package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/internal/atomicfile"
	"github.com/dpgan/dpgan/tabular"
	"go.yaml.in/yaml/v3"
)

// suggestedDiscovery is what a refusal and a drafted schema propose to pay for
// each question: together, for the columns of most tables and at δ = 1e-5, about
// ε = 0.1, as Gaussian noises add up in squares.
func suggestedDiscovery() dpsgd.DiscoveryConfig {
	return dpsgd.DiscoveryConfig{Bounds: 0.04, Categories: 0.08, Missing: 0.015, RowCount: 0.015}
}

// compileDeclared compiles columns and rules, with stand-ins for what discovery will
// find. What nobody pays for is refused.
func compileDeclared(config *Config) (*tabular.Domain, error) {
	schema := config.Data.schema()
	paid, unpaid := gan.Undeclared(schema, config.Privacy)
	if len(unpaid) > 0 {
		return nil, refuseGaps(unpaid, config.Privacy)
	}
	return config.compile(schema.StandIn(paid))
}

// compile compiles schema, in place of the one declared, and the rules.
func (c *Config) compile(schema tabular.Schema) (*tabular.Domain, error) {
	codec, err := schema.Compile()
	if err != nil {
		return nil, err
	}
	return tabular.NewDomain(codec, c.Rules)
}

// refuseGaps lists each gap with the two ways to close it.
func refuseGaps(gaps []tabular.Gap, privacy dpsgd.Config) error {
	suggested := privacy
	suggested.Discovery, suggested.RowCount = suggestedDiscovery(), dpsgd.RowCountPublic
	prices, err := gan.DiscoveryPrices(gaps, suggested)
	if err != nil {
		return err
	}
	errs := []error{fmt.Errorf("data.columns: %s not declared, and finding them in the data costs privacy: declare them, or pay with privacy.discovery", plural(len(gaps), "fact"))}
	for _, gap := range gaps {
		key := dpsgd.AskBounds
		if gap.Fact == tabular.FactValues {
			key = dpsgd.AskCategories
		}
		for _, price := range prices {
			if price.Question == key {
				errs = append(errs, fmt.Errorf("data.columns: column %q: %s missing: declare them, or set privacy.discovery.%s, such as %g for all %s (%s)",
					gap.Name, gap.Fact, key, suggested.Discovery.Epsilon(key), plural(price.Columns, "column"), buys(price)))
			}
		}
	}
	return errors.Join(errs...)
}

// chargeDiscovery charges what discovering gaps will cost to a budget that plans.
func chargeDiscovery(budget *dpsgd.Budget, privacy dpsgd.Config, gaps []tabular.Gap) ([]dpsgd.Price, error) {
	prices, err := gan.DiscoveryPrices(gaps, privacy)
	if err != nil {
		return nil, err
	}
	for _, price := range prices {
		for _, event := range price.Events {
			if err := budget.Charge(event); err != nil {
				return nil, err
			}
		}
	}
	return prices, nil
}

// buys says what a price finds.
func buys(p dpsgd.Price) string {
	switch p.Question {
	case dpsgd.AskBounds:
		return fmt.Sprintf("finds ranges that hold about %s", plural(int(p.Rows), "row"))
	case dpsgd.AskEdges:
		return fmt.Sprintf("tightens them to where about %s are", plural(int(p.Rows), "row"))
	case dpsgd.AskCategories:
		return fmt.Sprintf("finds values that about %s share", plural(int(p.Rows), "row"))
	case dpsgd.AskMissing:
		return fmt.Sprintf("sees missing cells if there are about %s", grouped(int(p.Rows)))
	}
	return fmt.Sprintf("within %s, 95 %% of the time", plural(int(p.Rows), "row"))
}

// discover fills the gaps that privacy.discovery pays for, or, in a resumed run,
// takes what the checkpoint knows, and leaves what was found beside the run.
func discover(ctx context.Context, config *Config, folder runFolder, s *streams, settings gan.Settings) (*tabular.Domain, error) {
	declared := config.Data.schema()
	paid, _ := gan.Undeclared(declared, config.Privacy)
	if len(paid) == 0 {
		return settings.Domain, nil
	}
	if settings.Resume {
		schema, err := gan.ResumedSchema(settings.Directory, declared, config.Privacy)
		if err != nil {
			return nil, err
		}
		return config.compile(schema)
	}
	s.log.Info("discover", "facts", len(paid))
	schema, warnings, err := gan.Discover(ctx, config.Data.Path, declared, settings)
	if err != nil {
		return nil, err
	}
	for _, warning := range warnings {
		s.log.Warn(warning)
	}
	domain, err := config.compile(schema)
	if err != nil {
		return nil, usageError(fmt.Errorf("what was found does not fit what is declared: %w", err))
	}
	return domain, writeSchema(folder.schema(), domain.Schema(), settings.InsecureSeed != nil)
}

func (f runFolder) schema() string { return filepath.Join(string(f), "schema.yaml") }

const foundHeader = `# The columns as discovered. What stands here was paid for in this run's ledger. A
# new run that declares these columns builds on that spend: let both share a ledger.
`

// writeSchema writes columns as the data section of a config.
func writeSchema(path string, schema tabular.Schema, insecure bool) error {
	var document yaml.Node
	if err := document.Encode(map[string]DataSchema{"data": {Missing: schema.Missing, Columns: schema.Columns}}); err != nil {
		return fmt.Errorf("schema: %w", err)
	}
	layOut(&document)
	var text strings.Builder
	if insecure {
		text.WriteString("# What was found was " + model.InsecureWarning + ".\n")
	}
	text.WriteString(foundHeader)
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(&document); err != nil {
		return fmt.Errorf("schema: %w", err)
	}
	return atomicfile.Write(path, func(w io.Writer) error { _, err := io.WriteString(w, text.String()); return err })
}

// DataSchema is the part of the data section that describes the columns.
type DataSchema struct {
	Missing []string         `yaml:"missing,flow"`
	Columns []tabular.Column `yaml:"columns"`
}
