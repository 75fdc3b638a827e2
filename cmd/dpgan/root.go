package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/dpgan/dpgan/internal/nearest"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// newRootCommand is the whole command tree.
func newRootCommand(s *streams) *cobra.Command {
	level := "info"
	root := &cobra.Command{
		Use:   "dpgan",
		Short: "Synthetic tables with differential privacy",
		Long: `dpgan trains a generator on a private table with DP-SGD, stops before the
privacy budget is overspent, and samples synthetic rows from it.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.PersistentFlags().StringVar(&level, "log-level", level, "least `level` logged on stderr: debug, info, warn, error")
	root.SetHelpTemplate(root.HelpTemplate() + exitCodesHelp)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.AddCommand(
		newTrainCommand(s), newSampleCommand(s), newImputeCommand(s), newAccountantCommand(s), newLedgerCommand(s),
		newDemoCommand(s), newDevicesCommand(s), newVerifyCommand(s), newVersionCommand(s),
		newAuditCommand(s), newPlanCommand(s), newSchemaCommand(s),
		newEvaluateCommand(s), newBenchCommand(s), newStatementCommand(s),
	)
	prepare(root, s, &level)
	return root
}

// prepare gives every command the same errors for flags and arguments (exit 2),
// and the logger.
func prepare(cmd *cobra.Command, s *streams, level *string) {
	cmd.SetFlagErrorFunc(flagError)
	args := cmd.Args
	if args == nil {
		args = cobra.NoArgs
	}
	cmd.Args = func(cmd *cobra.Command, given []string) error {
		if cmd.HasSubCommands() && len(given) > 0 {
			return usageError(fmt.Errorf("unknown command %q for %q%s", given[0], cmd.CommandPath(), suggest(given[0], commandNames(cmd))))
		}
		if err := args(cmd, given); err != nil {
			return usageError(fmt.Errorf("%w; see %s --help", err, cmd.CommandPath()))
		}
		return nil
	}
	if runE := cmd.RunE; runE != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
			if s.log, err = newLogger(s.err, *level); err != nil {
				return err
			}
			return runE(cmd, args)
		}
	}
	for _, child := range cmd.Commands() {
		prepare(child, s, level)
	}
}

func commandNames(cmd *cobra.Command) []string {
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return names
}

// flagError names the nearest flag for an unknown one, and what a flag takes.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		err = fmt.Errorf("%w%s", err, suggest("--"+unknown.GetSpecifiedName(), names))
	case errors.As(err, &invalid):
		takes := map[string]string{"int": "a whole number", "float64": "a number", "bool": "true or false"}
		what, plain := takes[invalid.GetFlag().Value.Type()]
		if !plain {
			what = "a whole number of at least 0"
		}
		err = fmt.Errorf("--%s=%q: must be %s", invalid.GetFlag().Name, invalid.GetValue(), what)
	}
	return usageError(fmt.Errorf("%w; see %s --help", err, cmd.CommandPath()))
}

// suggest names the nearest of known for an unknown name.
func suggest(name string, known []string) string {
	if near := nearest.Word(name, slices.Sorted(slices.Values(known))); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}
