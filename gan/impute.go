package gan

import (
	"errors"
	"fmt"
	"slices"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/mixture"
	"github.com/dpgan/dpgan/tabular"
)

// ImputeConfig is what is to be filled.
type ImputeConfig struct {
	// Seed repeats the public randomness.
	Seed uint64
	// Columns are the names of the columns to fill; none: all that are learned.
	Columns []string
}

// Imputer fills the missing cells of a table's rows with draws from a model, given
// the row's other cells. The filled table is no synthetic one: it is as private as
// the table was.
type Imputer struct {
	codec     *tabular.Codec // the model's, each column nullable
	columns   []Column
	fill      []bool // of each column
	nullable  []bool // in the model
	decoders  []*decoder
	completer *mixture.Completer
	rules     *keeper // nil: there are none
	broken    int
	seed      uint64
	chunks    uint64
}

// ErrPure is wrapped when a model of pure mode is asked to fill a table: it draws
// whole rows only.
var ErrPure = errors.New("a model of pure mode draws whole rows and cannot fill cells: train one of another mode")

// NewImputer prepares to fill tables from m. Columns that cannot be filled are a
// *ConditionError.
func NewImputer(dev device.Device, m *Model, config ImputeConfig) (*Imputer, error) {
	if m.mixture == nil {
		return nil, fmt.Errorf("gan: impute: %w", ErrPure)
	}
	schema := m.codec.Schema()
	p := &Imputer{columns: m.mixture.Columns, seed: config.Seed, fill: make([]bool, len(m.mixture.Columns))}
	for j, i := range m.codec.Learned() {
		p.nullable = append(p.nullable, schema.Columns[i].Nullable)
		p.fill[j] = len(config.Columns) == 0
		schema.Columns[i].Nullable = true
	}
	for _, name := range config.Columns {
		j, err := m.codec.Find(name)
		if err != nil {
			return nil, &ConditionError{"columns", name, err.Error()}
		}
		p.fill[j] = true
	}
	mix, err := m.mixture.open(dev)
	if err != nil {
		return nil, err
	}
	if p.codec, err = schema.Compile(); err != nil {
		return nil, fmt.Errorf("gan: impute: %w", err)
	}
	// What is drawn is never "missing"; what is neither filled nor known tells nothing.
	wanted := make([]wantedCodes, len(p.columns))
	for j := range wanted {
		if p.fill[j] && p.nullable[j] {
			wanted[j] = wantedCodes{{tabular.Run{To: valueCount(m.codec, j)}, 1}}
		}
	}
	p.decoders = newDecoders(p.columns, wanted)
	p.completer = mix.Completer(evidence(p.columns, wanted, p.decoders))
	if m.rules.Len() > 0 {
		c := &conditioned{Mixture: mix, decoders: p.decoders}
		p.rules = &keeper{rules: m.rules, seed: config.Seed, make: m.mixture.choosers(c, m.codec, m.rules)}
	}
	return p, nil
}

// Codec reads the tables to fill: the model's schema, but any cell may be missing.
func (p *Imputer) Codec() *tabular.Codec { return p.codec }

// Broken is how many of the filled rows break the model's rules, because what was
// known of them does.
func (p *Imputer) Broken() int { return p.broken }

// Fill replaces missing codes of columns, by Codec, with draws from the model given
// the rest of their row, and counts them. Missing cells of a column that is not to
// be filled are a value like others if the model's schema knows them. The same seed
// gives the same codes for the same calls.
func (p *Imputer) Fill(columns [][]uint32) (filled int, err error) {
	var rows []int
	var cells []uint32
	for i := range columns[0] {
		if !p.incomplete(columns, i) {
			continue
		}
		rows = append(rows, i)
		for j := range columns {
			cells = append(cells, p.cellOf(j, columns[j][i]))
		}
	}
	if rows != nil {
		if filled, err = p.complete(columns, rows, cells); err != nil {
			return 0, fmt.Errorf("gan: impute: %w", err)
		}
	}
	p.chunks++
	if p.rules != nil {
		p.rules.done += uint64(len(columns[0]))
	}
	return filled, nil
}

// complete fills rows, of which cells are known.
func (p *Imputer) complete(columns [][]uint32, rows []int, cells []uint32) (filled int, err error) {
	known, seed := slices.Clone(cells), p.seed+p.chunks
	if err := p.completer.Complete(cells, seed); err != nil {
		return 0, err
	}
	drawn := decode(p.decoders, &mixture.Rows{Cells: cells, Atoms: make([]uint32, len(rows))}, seed)
	fixed, before := make([]bool, len(columns)), make([]uint32, len(columns))
	var chooser ruleChooser
	if p.rules != nil {
		chooser = p.rules.make()
	}
	for r, i := range rows {
		for j := range columns {
			if fixed[j] = known[r*len(columns)+j] != mixture.Unknown || !p.fill[j]; !fixed[j] {
				columns[j][i] = drawn[j][r]
				filled++
			}
		}
		if chooser == nil {
			continue
		}
		if err := p.keep(columns, i, fixed, before, chooser); err != nil {
			return 0, err
		}
	}
	return filled, nil
}

// keep redraws what was filled of row i until it keeps the rules; before is scratch.
// Where what is fixed breaks them itself, the row stays as drawn, and is counted.
func (p *Imputer) keep(columns [][]uint32, i int, fixed []bool, before []uint32, chooser ruleChooser) error {
	for j := range columns {
		if before[j] = columns[j][i]; before[j] == p.missing(j) && !p.nullable[j] {
			return nil // a row that the rules do not know
		}
	}
	err := p.rules.row(columns, i, make([]uint32, len(columns)), fixed, chooser)
	if err != nil && !errors.Is(err, tabular.ErrRules) {
		return err
	}
	lost := err != nil
	for j := range columns {
		lost = lost || !fixed[j] && columns[j][i] == p.missing(j)
	}
	if !lost {
		return nil
	}
	p.broken++
	for j := range columns {
		columns[j][i] = before[j]
	}
	return nil
}

// incomplete reports whether row i has a cell to fill.
func (p *Imputer) incomplete(columns [][]uint32, i int) bool {
	for j, fill := range p.fill {
		if fill && columns[j][i] == p.missing(j) {
			return true
		}
	}
	return false
}

func (p *Imputer) missing(j int) uint32 { return p.codec.Size(j) - 1 }

// cellOf is the model's cell of a code by Codec.
func (p *Imputer) cellOf(j int, code uint32) uint32 {
	if code == p.missing(j) && (p.fill[j] || !p.nullable[j]) {
		return mixture.Unknown
	}
	return p.columns[j].cell(code)
}
