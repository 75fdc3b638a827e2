package main

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/internal/amount"
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
	opts := LedgerShowOptions{Accountant: string(accounting.PLD)}
	show := &cobra.Command{
		Use:   "show FILE",
		Short: "List what each run in a ledger has spent",
		Long: `List what each run in a ledger has spent, and all of them together. The chain of
hashes is checked. What is reserved but not settled counts as spent. In the ledger
of a table the steps of a run are one phase, spent whole when it begins.

A run's epsilon is that of its events, as --accountant composes them. Several runs
are set up by whoever saw earlier ones, so together they count by a filter: what
they draw on the (epsilon, delta) that the ledger's first line fixed, if it did.
`,
		Example: "  dpgan ledger show demo/medical.ledger.jsonl",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			opts.File = args[0]
			return runLedgerShow(opts, s)
		},
	}
	show.Flags().Float64Var(&opts.Delta, "delta", 0, "delta at which epsilon is stated (default that of the table's total, or 1e-5)")
	show.Flags().StringVar(&opts.Accountant, "accountant", opts.Accountant, "pld (tight) or rdp (the older bound)")
	show.Flags().BoolVar(&opts.JSON, "json", false, "print one JSON object")
	cmd.AddCommand(show, newLedgerExportCommand(s))
	return cmd
}

// ledgerStatement is what ledger show says. An infinite ε is null.
type ledgerStatement struct {
	Ledger     string  `json:"ledger"`
	Accountant string  `json:"accountant"`
	Delta      float64 `json:"delta"`
	// Epsilon is what all runs come to, by Rule: the accountant, or a filter of several.
	Epsilon *float64 `json:"epsilon"`
	Rule    string   `json:"rule"`
	// Total is what all runs may spend, if the ledger fixed that.
	Total *ledgerTotal `json:"total,omitempty"`
	// Insecure tells that the noise can be recomputed: no epsilon holds.
	Insecure bool        `json:"insecure,omitempty"`
	Runs     []runSpends `json:"runs"`
	// TornBytes are what is left of a last line that was cut off; the next run repairs it.
	TornBytes int `json:"torn_bytes,omitempty"`
}

// ledgerTotal is the (ε, δ) of all runs on a table, and what they have drawn of it.
type ledgerTotal struct {
	Epsilon float64  `json:"table_epsilon"`
	Delta   float64  `json:"table_delta"`
	Spent   *float64 `json:"spent"`
}

// The rules of ledgerStatement.
const (
	ruleAccountant = "accountant"
	ruleFilter     = "filter"
)

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
	if !(opts.Delta >= 0 && opts.Delta < 1) {
		return usageError(fmt.Errorf("ledger show: --delta=%g: must lie between 0 and 1", opts.Delta))
	}
	records, torn, err := accounting.ReadLedger(opts.File)
	if err != nil {
		return usageError(err)
	}
	var header accounting.Header
	if len(records) > 0 {
		header = *records[0].Header
	}
	statement := ledgerStatement{Ledger: opts.File, Accountant: opts.Accountant, Delta: deltaOf(opts, header), Insecure: header.Insecure,
		Runs: spends(records), TornBytes: torn}
	if err := statement.price(accountant, header); err != nil {
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

// deltaOf is --delta, or that of the table, or the usual one.
func deltaOf(opts LedgerShowOptions, header accounting.Header) float64 {
	switch {
	case opts.Delta > 0:
		return opts.Delta
	case header.Delta > 0:
		return header.Delta
	}
	return 1e-5
}

// price states ε of each run and of all together, and what is drawn of a total.
func (l *ledgerStatement) price(accountant accounting.Accountant, header accounting.Header) error {
	var all []accounting.Event
	for i := range l.Runs {
		r := &l.Runs[i]
		epsilon, err := accountant.Epsilon(r.Events, l.Delta)
		if err != nil {
			return err
		}
		r.Epsilon = l.secure(epsilon)
		all = append(all, r.Events...)
	}
	if header.Epsilon > 0 {
		drawn, err := drawn(all, header.Epsilon, header.Delta)
		if err != nil {
			return err
		}
		l.Total = &ledgerTotal{header.Epsilon, header.Delta, l.secure(drawn)}
	}
	epsilon, err := 0.0, error(nil)
	if l.Rule = ruleAccountant; len(l.Runs) > 1 {
		l.Rule = ruleFilter
		epsilon, err = drawn(all, math.Max(header.Epsilon, 1), l.Delta)
	} else {
		epsilon, err = accountant.Epsilon(all, l.Delta)
	}
	l.Epsilon = l.secure(epsilon)
	return err
}

// drawn is what events take of a filter of the total (epsilon, delta).
func drawn(events []accounting.Event, epsilon, delta float64) (float64, error) {
	filter, err := accounting.NewFilter(epsilon, delta, dpsgd.TableReserve)
	if err != nil {
		return 0, err
	}
	return filter.Epsilon(events)
}

// secure is a finite epsilon, nil for an infinite one or where none holds.
func (l *ledgerStatement) secure(epsilon float64) *float64 {
	if l.Insecure {
		return nil
	}
	return finite(epsilon)
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
			fmt.Fprintf(&b, "  %s reserved and not settled: running, or cut off; counted as spent\n", amount.Of(r.Open, "release"))
		}
	}
	if l.TornBytes > 0 {
		fmt.Fprintf(&b, "the last line is torn (%s); the next run repairs it\n", amount.Of(l.TornBytes, "byte"))
	}
	by := l.Accountant
	if l.Rule == ruleFilter {
		by = "a filter"
	}
	fmt.Fprintf(&b, "together  ε %s at δ=%g by %s, add or remove one row\n", epsilonText(l.Epsilon), l.Delta, by)
	if t := l.Total; t != nil {
		fmt.Fprintf(&b, "total     ε %s of %g at δ=%g is spent, by a filter\n", epsilonText(t.Spent), t.Epsilon, t.Delta)
	}
	if l.Insecure {
		fmt.Fprintf(&b, "insecure  %s\n", model.InsecureWarning)
	}
	return b.String()
}

// eventText is an event in one line.
func eventText(e accounting.Event) string {
	text := fmt.Sprintf("%s × %s", amount.Grouped(e.Count), e.Mechanism)
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
