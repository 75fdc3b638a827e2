package main

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/spf13/cobra"
)

// LedgerShowOptions are the flags of dpgan ledger show.
type LedgerShowOptions struct {
	File       string
	Delta      float64
	Accountant string
	JSON       bool
}

func newLedgerCommand(s *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ledger",
		Short: "Read what was spent",
		RunE: func(*cobra.Command, []string) error {
			return usageError(errors.New("ledger: name show or export; see dpgan ledger --help"))
		},
	}
	opts := LedgerShowOptions{Delta: 1e-5, Accountant: string(accounting.PLD)}
	show := &cobra.Command{
		Use:   "show FILE",
		Short: "List what each run in a ledger has spent",
		Long: `List what each run in a ledger has spent, and all of them together. The chain of
hashes is checked. What is reserved but not settled counts as spent.
`,
		Example: "  dpgan ledger show demo/medical.ledger.jsonl",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			opts.File = args[0]
			return runLedgerShow(opts, s)
		},
	}
	show.Flags().Float64Var(&opts.Delta, "delta", opts.Delta, "delta at which epsilon is stated")
	show.Flags().StringVar(&opts.Accountant, "accountant", opts.Accountant, "pld (tight) or rdp (the older bound)")
	show.Flags().BoolVar(&opts.JSON, "json", false, "print one JSON object")
	cmd.AddCommand(show, newLedgerExportCommand(s))
	return cmd
}

// ledgerStatement is what ledger show says. An infinite ε is null.
type ledgerStatement struct {
	Ledger     string      `json:"ledger"`
	Accountant string      `json:"accountant"`
	Delta      float64     `json:"delta"`
	Epsilon    *float64    `json:"epsilon"`
	Runs       []runSpends `json:"runs"`
	// TornBytes are what is left of a last line that was cut off; the next run repairs it.
	TornBytes int `json:"torn_bytes,omitempty"`
}

// runSpends is what one run has released or reserved.
type runSpends struct {
	Run     string             `json:"run"`
	Epsilon *float64           `json:"epsilon"`
	Events  []accounting.Event `json:"events"`
	// Open is the number of releases reserved and not settled.
	Open int `json:"open,omitempty"`
}

func runLedgerShow(opts LedgerShowOptions, s *streams) error {
	accountant, err := accounting.ParseAccountant(opts.Accountant)
	if err != nil {
		return usageError(fmt.Errorf("ledger show: --accountant=%s: must be pld or rdp", opts.Accountant))
	}
	if !(opts.Delta > 0 && opts.Delta < 1) {
		return usageError(fmt.Errorf("ledger show: --delta=%g: must lie between 0 and 1", opts.Delta))
	}
	records, torn, err := accounting.ReadLedger(opts.File)
	if err != nil {
		return usageError(err)
	}
	statement := ledgerStatement{Ledger: opts.File, Accountant: opts.Accountant, Delta: opts.Delta, Runs: spends(records), TornBytes: torn}
	if err := statement.price(accountant); err != nil {
		return err
	}
	if opts.JSON {
		return s.json(statement)
	}
	return s.print("%s", statement.text())
}

// spends adds up records by run, in the order in which runs first appear.
func spends(records []accounting.Record) []runSpends {
	runs := []runSpends{}
	index := map[string]int{}
	open := map[accounting.Reservation]accounting.Reserved{}
	add := func(r accounting.Reserved, count, reserved int) {
		i, known := index[r.Run]
		if !known {
			i = len(runs)
			index[r.Run] = i
			runs = append(runs, runSpends{Run: r.Run, Events: []accounting.Event{}})
		}
		if r.Event.Count = count; count > 0 {
			runs[i].Events = accounting.Merge(runs[i].Events, r.Event)
		}
		runs[i].Open += reserved
	}
	for _, r := range records {
		switch {
		case r.Reserve != nil:
			open[r.Reserve.ID] = *r.Reserve
			add(*r.Reserve, 0, r.Reserve.Event.Count)
		case r.Settle != nil:
			reserved := open[r.Settle.ID]
			delete(open, r.Settle.ID)
			add(reserved, r.Settle.Used, -reserved.Event.Count)
		case r.Torn != nil && r.Torn.Spent != nil:
			add(*r.Torn.Spent, r.Torn.Spent.Event.Count, 0)
		}
	}
	for _, r := range records {
		if r.Reserve == nil {
			continue
		}
		if reserved, still := open[r.Reserve.ID]; still {
			add(reserved, reserved.Event.Count, 0)
		}
	}
	return runs
}

// price states ε of each run and of all together.
func (l *ledgerStatement) price(accountant accounting.Accountant) error {
	var all []accounting.Event
	for i := range l.Runs {
		r := &l.Runs[i]
		epsilon, err := accountant.Epsilon(r.Events, l.Delta)
		if err != nil {
			return err
		}
		r.Epsilon = finite(epsilon)
		all = append(all, r.Events...)
	}
	epsilon, err := accountant.Epsilon(all, l.Delta)
	l.Epsilon = finite(epsilon)
	return err
}

func finite(x float64) *float64 {
	if math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// text is the statement as lines for people.
func (l *ledgerStatement) text() string {
	var b strings.Builder
	for _, r := range l.Runs {
		fmt.Fprintf(&b, "%s  ε %s\n", r.Run, epsilonText(r.Epsilon))
		for _, e := range r.Events {
			fmt.Fprintf(&b, "  %s\n", eventText(e))
		}
		if r.Open > 0 {
			fmt.Fprintf(&b, "  %s reserved and not settled: running, or cut off; counted as spent\n", plural(r.Open, "release"))
		}
	}
	if l.TornBytes > 0 {
		fmt.Fprintf(&b, "the last line is torn (%s); the next run repairs it\n", plural(l.TornBytes, "byte"))
	}
	fmt.Fprintf(&b, "together  ε %s at δ=%g by %s, add or remove one row\n", epsilonText(l.Epsilon), l.Delta, l.Accountant)
	return b.String()
}

// eventText is an event in one line.
func eventText(e accounting.Event) string {
	text := fmt.Sprintf("%s × %s", grouped(e.Count), e.Mechanism)
	if e.NoiseMultiplier > 0 {
		text += fmt.Sprintf(", noise multiplier %.4g", e.NoiseMultiplier)
	}
	if e.SampleRate > 0 {
		text += fmt.Sprintf(", sample rate %.4g", e.SampleRate)
	}
	if e.Epsilon > 0 || e.Delta > 0 {
		text += fmt.Sprintf(", ε=%g and δ=%.3g each", e.Epsilon, e.Delta)
	}
	return fmt.Sprintf("%s: %s, %s", text, e.Stage, e.Purpose)
}

func epsilonText(epsilon *float64) string {
	if epsilon == nil {
		return "unbounded"
	}
	return fmt.Sprintf("%.4g", *epsilon)
}
