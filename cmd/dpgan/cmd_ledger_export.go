package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/internal/atomicfile"
	"github.com/spf13/cobra"
)

// LedgerExportOptions are the flags of dpgan ledger export.
type LedgerExportOptions struct {
	File   string
	Format string
	Run    string
	Out    string
}

// formatDPEvent is the event tree of Google's dp_accounting.
const formatDPEvent = "dp-event"

func newLedgerExportCommand(s *streams) *cobra.Command {
	opts := LedgerExportOptions{Format: formatDPEvent}
	cmd := &cobra.Command{
		Use:   "export FILE",
		Short: "Write what was spent for another accountant to add up",
		Long: `Write what was released, from a ledger or from a model file, as JSON that another
accountant can add up. dp-event is the event tree of Google's dp_accounting: each
object holds the module_name, the class_name and the fields of a DpEvent, as
DpEvent.to_named_tuple has them. bench/peers/recompute.py reads it.

What is reserved in a ledger and not settled counts as spent.
`,
		Example: `  dpgan ledger export run/ledger.jsonl --out events.json
  dpgan ledger export medical.ledger.jsonl --run run-1a2b3c4d
  dpgan ledger export run/model.safetensors`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			opts.File = args[0]
			return runLedgerExport(opts, s)
		},
	}
	f := cmd.Flags()
	f.StringVar(&opts.Format, "format", opts.Format, "dp-event")
	f.StringVar(&opts.Run, "run", "", "only the releases of this run, by the `name` that ledger show prints")
	f.StringVarP(&opts.Out, "out", "o", "", "write to this `file` instead of stdout")
	return cmd
}

func runLedgerExport(opts LedgerExportOptions, s *streams) error {
	if opts.Format != formatDPEvent {
		return usageError(fmt.Errorf("ledger export: --format=%s: must be dp-event", opts.Format))
	}
	events, err := opts.events()
	if err != nil {
		return usageError(err)
	}
	tree, err := dpEvents(events)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(tree, "", "  ")
	if err != nil {
		return fmt.Errorf("ledger export: %w", err)
	}
	if opts.Out == "" {
		return s.print("%s\n", text)
	}
	return atomicfile.Write(opts.Out, func(w io.Writer) error { _, err := fmt.Fprintf(w, "%s\n", text); return err })
}

// events are those that the file holds, of the run that is asked for.
func (o *LedgerExportOptions) events() ([]accounting.Event, error) {
	var events []accounting.Event
	if strings.HasSuffix(o.File, ".safetensors") {
		if o.Run != "" {
			return nil, fmt.Errorf("ledger export: --run=%s: a model file is of one run: leave it out", o.Run)
		}
		model, err := model.Load(o.File)
		if err != nil {
			return nil, err
		}
		for _, e := range model.Privacy().Events {
			events = append(events, e.Event)
		}
		return events, nil
	}
	records, _, err := accounting.ReadLedger(o.File)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, r := range spends(records) {
		if names = append(names, r.Run); o.Run == "" || o.Run == r.Run {
			events = append(events, r.Events...)
		}
	}
	if o.Run != "" && len(events) == 0 {
		return nil, fmt.Errorf("ledger export: --run=%s: no such run in %s, which has %s", o.Run, o.File, strings.Join(names, ", "))
	}
	return events, nil
}

// dpEvent is a DpEvent of dp_accounting. Of the fields, those of its class are set.
type dpEvent struct {
	Module              string     `json:"module_name"`
	Class               string     `json:"class_name"`
	Events              []*dpEvent `json:"events,omitempty"`
	SamplingProbability *float64   `json:"sampling_probability,omitempty"`
	NoiseMultiplier     *float64   `json:"noise_multiplier,omitempty"`
	Sigma               *float64   `json:"sigma,omitempty"`
	NoiseParameter      *float64   `json:"noise_parameter,omitempty"`
	Sensitivity         int        `json:"sensitivity,omitempty"`
	Dimension           int        `json:"dimension,omitempty"`
	Epsilon             *float64   `json:"epsilon,omitempty"`
	Delta               *float64   `json:"delta,omitempty"`
	Event               *dpEvent   `json:"event,omitempty"`
	Count               int        `json:"count,omitempty"`
}

func dpClass(class string) *dpEvent {
	return &dpEvent{Module: "dp_accounting.dp_event", Class: class}
}

// dpEvents composes events: Count times each.
func dpEvents(events []accounting.Event) (*dpEvent, error) {
	all := dpClass("ComposedDpEvent")
	all.Events = []*dpEvent{}
	for _, e := range events {
		one, err := dpEventOf(e)
		if err != nil {
			return nil, err
		}
		repeated := dpClass("SelfComposedDpEvent")
		repeated.Event, repeated.Count = one, e.Count
		all.Events = append(all.Events, repeated)
	}
	return all, nil
}

// dpEventOf is one release of e. A row moves one count of a table, so a table with
// discrete noise is a release of dimension 1; discrete Laplace noise has the
// parameter 1/scale. An unknown mechanism is an error, never another's price.
func dpEventOf(e accounting.Event) (*dpEvent, error) {
	var event *dpEvent
	switch e.Mechanism {
	case accounting.PoissonGaussian:
		event = dpClass("PoissonSampledDpEvent")
		event.SamplingProbability, event.Event = &e.SampleRate, dpClass("GaussianDpEvent")
		event.Event.NoiseMultiplier = &e.NoiseMultiplier
	case accounting.Gaussian:
		event = dpClass("GaussianDpEvent")
		event.NoiseMultiplier = &e.NoiseMultiplier
	case accounting.DiscreteGaussian:
		event = dpClass("DiscreteGaussianDpEvent")
		event.Sigma, event.Sensitivity, event.Dimension = &e.NoiseMultiplier, 1, 1
	case accounting.Laplace:
		event = dpClass("LaplaceDpEvent")
		event.NoiseMultiplier = &e.NoiseMultiplier
	case accounting.DiscreteLaplace:
		inverse := 1 / e.NoiseMultiplier
		event = dpClass("DiscreteLaplaceDpEvent")
		event.NoiseParameter, event.Sensitivity = &inverse, 1
	case accounting.EpsilonDelta, accounting.PartitionSelection:
		event = dpClass("EpsilonDeltaDpEvent")
		event.Epsilon, event.Delta = &e.Epsilon, &e.Delta
	default:
		return nil, fmt.Errorf("ledger export: mechanism=%s: dp_accounting has no event of it", e.Mechanism)
	}
	return event, nil
}
