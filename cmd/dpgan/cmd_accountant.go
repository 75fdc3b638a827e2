package main

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/internal/amount"
	"github.com/dpgan/dpgan/internal/check"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// AccountantOptions are the flags of dpgan accountant epsilon|noise|steps. Each
// of the three asks for one of Epsilon, NoiseMultiplier, Steps, given the others.
type AccountantOptions struct {
	SampleRate      float64
	NoiseMultiplier float64
	Steps           int
	Epsilon         float64
	Delta           float64
	Accountant      string
	JSON            bool
}

// question is what one of the subcommands asks for.
type question struct {
	use, short string
	given      []string // its flags
	answer     func(accounting.Accountant, AccountantOptions) (float64, error)
	result     string // key of the answer
	format     string
}

// maxSteps bounds the answer of accountant steps.
const maxSteps = 100_000_000

var questions = []question{
	{"epsilon", "Epsilon that a number of DP-SGD steps spends", []string{"sample-rate", "noise-multiplier", "steps", "delta"}, epsilonOf, "epsilon", "%.6g"},
	{"noise", "Least noise multiplier with which the steps fit a budget", []string{"sample-rate", "steps", "epsilon", "delta"}, noiseOf, "noise_multiplier", "%.6g"},
	{"steps", "Most steps that fit a budget", []string{"sample-rate", "noise-multiplier", "epsilon", "delta"}, stepsOf, "steps", "%.0f"},
}

func newAccountantCommand(s *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "accountant",
		Short: "Compute epsilon, noise or steps of DP-SGD",
		Long: `Compute what DP-SGD with Poisson sampling costs, under adding or removing one row.
`,
		Example: `  dpgan accountant epsilon --sample-rate 0.01 --noise-multiplier 1 --steps 1000 --delta 1e-5
  dpgan accountant noise --sample-rate 0.01 --steps 1000 --epsilon 3 --delta 1e-5`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usageError(errors.New("accountant: name one of epsilon, noise, steps; see dpgan accountant --help"))
		},
	}
	for _, q := range questions {
		cmd.AddCommand(newQuestionCommand(s, q))
	}
	return cmd
}

func newQuestionCommand(s *streams, q question) *cobra.Command {
	var opts AccountantOptions
	cmd := &cobra.Command{
		Use:   q.use,
		Short: q.short,
		Long:  q.short + ", under adding or removing one row.\n",
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, name := range q.given {
				if !cmd.Flags().Changed(name) {
					return usageError(fmt.Errorf("accountant %s: --%s is missing", q.use, name))
				}
			}
			return runAccountant(q, opts, s)
		},
	}
	all := pflag.NewFlagSet(q.use, pflag.ContinueOnError)
	all.Float64Var(&opts.SampleRate, "sample-rate", 0, "chance of each row to be in a batch: batch size / rows")
	all.Float64Var(&opts.NoiseMultiplier, "noise-multiplier", 0, "standard deviation of the noise / max_grad_norm")
	all.IntVar(&opts.Steps, "steps", 0, "number of steps")
	all.Float64Var(&opts.Epsilon, "epsilon", 0, "budget")
	all.Float64Var(&opts.Delta, "delta", 0, "delta of (epsilon, delta); below 1 / rows")
	for _, name := range q.given {
		cmd.Flags().AddFlag(all.Lookup(name))
	}
	cmd.Flags().StringVar(&opts.Accountant, "accountant", string(accounting.PLD), "pld (tight) or rdp (the older bound)")
	cmd.Flags().BoolVar(&opts.JSON, "json", false, "print one JSON object")
	return cmd
}

// validate checks the flags that q takes.
func (o *AccountantOptions) validate(q question) error {
	checks := map[string]struct {
		ok    bool
		value any
		fix   string
	}{
		"sample-rate":      {o.SampleRate > 0 && o.SampleRate <= 1, o.SampleRate, "must be above 0 and at most 1: batch size / rows"},
		"noise-multiplier": {o.NoiseMultiplier > 0 && !math.IsInf(o.NoiseMultiplier, 0), o.NoiseMultiplier, "must be > 0 and finite; without noise there is no privacy"},
		"steps":            {o.Steps >= 1 && o.Steps <= maxSteps, o.Steps, fmt.Sprintf("must be 1 … %s", amount.Grouped(maxSteps))},
		"epsilon":          {o.Epsilon > 0 && !math.IsInf(o.Epsilon, 0), o.Epsilon, "must be > 0 and finite"},
		"delta":            {o.Delta > 0 && o.Delta < 1, o.Delta, "must lie between 0 and 1; choose less than 1 over the number of rows, such as 1e-5"},
	}
	v := check.Values{Prefix: "accountant " + q.use + ": --"}
	for _, name := range q.given {
		v.Must(checks[name].ok, name, checks[name].value, checks[name].fix)
	}
	return v.Err()
}

func runAccountant(q question, opts AccountantOptions, s *streams) error {
	if err := opts.validate(q); err != nil {
		return usageError(err)
	}
	accountant, err := accounting.ParseAccountant(opts.Accountant)
	if err != nil {
		return usageError(fmt.Errorf("accountant %s: --accountant=%s: must be pld or rdp", q.use, opts.Accountant))
	}
	answer, err := q.answer(accountant, opts)
	if err != nil {
		return err
	}
	if opts.JSON {
		return s.json(q.inputs(opts, accountant, answer))
	}
	other := accounting.RDP
	if accountant == accounting.RDP {
		other = accounting.PLD
	}
	beside := "unreachable"
	if x, err := q.answer(other, opts); err == nil {
		beside = fmt.Sprintf(q.format, x)
	} else if exitCode(err) != exitBudget {
		return err
	}
	return s.print("%s "+q.format+" by %s, %s by %s (δ=%g, add or remove one row)\n", q.result, answer, accountant, beside, other, opts.Delta)
}

// inputs is the JSON object: the answer and what was given.
func (q question) inputs(opts AccountantOptions, accountant accounting.Accountant, answer float64) map[string]any {
	given := map[string]any{
		"sample-rate": opts.SampleRate, "noise-multiplier": opts.NoiseMultiplier,
		"steps": opts.Steps, "epsilon": opts.Epsilon, "delta": opts.Delta,
	}
	object := map[string]any{"accountant": string(accountant), "adjacency": "add or remove one row"}
	for _, name := range q.given {
		object[strings.ReplaceAll(name, "-", "_")] = given[name]
	}
	object[q.result] = answer
	return object
}

func epsilonOf(a accounting.Accountant, o AccountantOptions) (float64, error) {
	event := accounting.Event{Mechanism: accounting.PoissonGaussian, SampleRate: o.SampleRate, NoiseMultiplier: o.NoiseMultiplier, Count: o.Steps}
	epsilon, err := a.Epsilon([]accounting.Event{event}, o.Delta)
	if err == nil && math.IsInf(epsilon, 1) {
		err = fmt.Errorf("accountant epsilon: %w: no finite epsilon at delta=%g: raise --noise-multiplier", accounting.ErrUnreachable, o.Delta)
	}
	return epsilon, err
}

func noiseOf(a accounting.Accountant, o AccountantOptions) (float64, error) {
	return a.NoiseMultiplier(nil, o.SampleRate, o.Steps, o.Epsilon, o.Delta)
}

// stepsOf searches upward from what RDP allows, which is quick to find and
// rarely below half of the answer: composing far beyond it is what takes PLD long.
func stepsOf(a accounting.Accountant, o AccountantOptions) (float64, error) {
	bound, err := accounting.RDP.Steps(nil, o.SampleRate, o.NoiseMultiplier, o.Epsilon, o.Delta, maxSteps)
	if err != nil {
		return 0, err
	}
	for {
		bound = min(2*(bound+1), maxSteps)
		steps, err := a.Steps(nil, o.SampleRate, o.NoiseMultiplier, o.Epsilon, o.Delta, bound)
		if err != nil {
			return 0, err
		}
		if steps == 0 {
			return 0, fmt.Errorf("accountant steps: %w: --epsilon=%g does not pay for one step: raise it, or --noise-multiplier", accounting.ErrUnreachable, o.Epsilon)
		}
		if steps < bound || bound == maxSteps {
			return float64(steps), nil
		}
	}
}
