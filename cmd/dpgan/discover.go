package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/dpgan/dpgan/configs"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/gan/discovery"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/internal/atomicfile"
	"github.com/dpgan/dpgan/tabular"
)

// discover fills the gaps that privacy.discovery pays for, or, in a resumed run,
// takes what the checkpoint knows, and leaves what was found beside the run.
func discover(ctx context.Context, config *configs.Config, folder runFolder, s *streams, settings gan.Settings) (*tabular.Domain, error) {
	declared := config.Data.Schema()
	paid, _ := discovery.Undeclared(declared, config.Privacy)
	if len(paid) == 0 {
		return settings.Domain, nil
	}
	if settings.Resume {
		schema, err := gan.ResumedSchema(settings.Directory, declared, config.Privacy)
		if err != nil {
			return nil, err
		}
		return config.Compile(schema)
	}
	s.log.Info("discover", "facts", len(paid))
	schema, warnings, err := discovery.Discover(ctx, config.Data.Path, declared, config.Privacy, settings.Start(), settings.InsecureSeed)
	if err != nil {
		return nil, err
	}
	for _, warning := range warnings {
		s.log.Warn(warning)
	}
	domain, err := config.Compile(schema)
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
	columns, err := configs.SchemaYAML(schema)
	if err != nil {
		return err
	}
	text := foundHeader + string(columns)
	if insecure {
		text = "# What was found was " + model.InsecureWarning + ".\n" + text
	}
	return atomicfile.Write(path, func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
}
