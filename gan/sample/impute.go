package sample

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/mixture"
	"github.com/dpgan/dpgan/gan/model"
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
	model     *generator
	fill      []bool // of each column
	nullable  []bool // in the model
	decoders  []*decoder
	completer *mixture.Completer
	distances []*baseDistance // of each of Differences
	rules     *repairer       // nil: there are none
	broken    int
	seed      uint64
	chunks    uint64
}

// NewImputer prepares to fill tables from m. Columns that cannot be filled are a
// *ConditionError.
func NewImputer(dev device.Device, m *model.Model, config ImputeConfig) (*Imputer, error) {
	o, err := open(dev, m)
	if err != nil {
		return nil, err
	}
	return newImputer(o, config)
}

func newImputer(o *generator, config ImputeConfig) (*Imputer, error) {
	schema := o.domain.Schema()
	p := &Imputer{model: o, seed: config.Seed, fill: make([]bool, len(o.columns))}
	for j, i := range o.domain.Learned() {
		p.nullable = append(p.nullable, schema.Columns[i].Nullable)
		p.fill[j] = len(config.Columns) == 0
		schema.Columns[i].Nullable = true
	}
	for _, name := range config.Columns {
		j, err := o.domain.Find(name)
		if err != nil {
			return nil, &ConditionError{"columns", name, err.Error()}
		}
		p.fill[j] = true
	}
	var err error
	if p.codec, err = schema.Compile(); err != nil {
		return nil, fmt.Errorf("gan: impute: %w", err)
	}
	// What is drawn is never "missing"; what is neither filled nor known tells nothing.
	wanted, learned := make([]codeWeights, len(o.columns)), o.domain.WithDifferences(o.differences)
	for j := range wanted {
		if p.fill[j] && p.nullable[j] {
			wanted[j] = codeWeights{{tabular.Run{To: learned.Values(j)}, 1}}
		}
	}
	p.decoders = newDecoders(p.model.columns, wanted)
	p.completer = o.mixture.Completer(evidence(p.model.columns, wanted, p.decoders))
	for k := range p.model.differences {
		d := &p.model.differences[k]
		p.distances = append(p.distances, newBaseDistance(d, p.decoders[d.Base], newDecoder(&p.model.columns[d.Target], nil)))
	}
	if o.domain.Rules.Len() > 0 {
		p.rules = o.repairer(&conditional{Mixture: o.mixture, decoders: p.decoders}, config.Seed)
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
	var bases []drawnBase
	posterior := p.completer.NewPosterior()
	for i := range columns[0] {
		if !p.incomplete(columns, i) {
			continue
		}
		rows = append(rows, i)
		for j := range columns {
			cells = append(cells, p.cellOf(columns, i, j))
		}
		if len(p.model.differences) > 0 {
			random := rand.New(rand.NewPCG(p.seed+p.chunks, ^uint64(i)))
			bases = p.drawBases(bases, columns, len(rows)-1, i, cells[len(cells)-len(columns):], posterior, random)
		}
	}
	if rows != nil {
		if filled, err = p.complete(columns, rows, cells, bases); err != nil {
			return 0, fmt.Errorf("gan: impute: %w", err)
		}
	}
	p.chunks++
	if p.rules != nil {
		p.rules.done += uint64(len(columns[0]))
	}
	return filled, nil
}

// complete fills rows, of which cells are known, and bases drawn.
func (p *Imputer) complete(columns [][]uint32, rows []int, cells []uint32, bases []drawnBase) (filled int, err error) {
	seed := p.seed + p.chunks
	if err := p.completer.Complete(cells, seed); err != nil {
		return 0, err
	}
	drawn := decode(p.decoders, &mixture.Rows{Cells: cells, Atoms: make([]uint32, len(rows))}, seed)
	for _, b := range bases {
		drawn[b.column][b.row] = b.code
	}
	fixed, before := make([]bool, len(columns)), make([]uint32, len(columns))
	var chooser seededChooser
	if p.rules != nil {
		chooser = p.rules.make()
	}
	for r, i := range rows {
		p.restore(columns, i, drawn, r)
		for j := range columns {
			if fixed[j] = columns[j][i] != p.missing(j) || !p.fill[j]; !fixed[j] {
				columns[j][i] = drawn[j][r]
				filled++
			}
		}
		if chooser == nil {
			continue
		}
		if err := p.repair(columns, i, fixed, before, chooser); err != nil {
			return 0, err
		}
	}
	return filled, nil
}

// repair redraws what was filled of row i until it keeps the rules; before is scratch.
// Where what is fixed breaks them itself, the row stays as drawn, and is counted.
func (p *Imputer) repair(columns [][]uint32, i int, fixed []bool, before []uint32, chooser seededChooser) error {
	for j := range columns {
		if before[j] = columns[j][i]; before[j] == p.missing(j) && !p.nullable[j] {
			return nil // a row that the rules do not know
		}
	}
	err := p.rules.repairRow(columns, i, make([]uint32, len(columns)), fixed, chooser)
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

// cellOf is the model's cell of column j of row i, or Unknown.
func (p *Imputer) cellOf(columns [][]uint32, i, j int) uint32 {
	code := columns[j][i]
	if code == p.missing(j) && (p.fill[j] || !p.nullable[j]) {
		return mixture.Unknown
	}
	if d := tabular.DifferenceOf(p.model.differences, j); d != nil {
		base := columns[d.Base][i]
		switch {
		case code == p.missing(j):
			base = 0 // a gap, whatever the base
		case base == p.missing(d.Base):
			return mixture.Unknown
		}
		code = d.Distance(base, code)
	}
	return p.model.columns[j].Cell(code)
}
