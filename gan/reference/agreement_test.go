package reference

import (
	"errors"
	"fmt"
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/nets"
)

// The engines agree on all kinds of runs, beyond the ones of Verify. The seed is one with
// which no unit lies so near to 0 that rounding turns its sign.
func TestEnginesAgree(t *testing.T) {
	of := single
	of.seed = 31
	for name, change := range map[string]func(b *nets.EngineConfig){
		"mostly empty batches": func(b *nets.EngineConfig) { b.Step.SampleRate, b.Step.BatchSize = 0.002, 0.002*simulatedRows },
		"every row":            func(b *nets.EngineConfig) { b.Step.SampleRate, b.Step.BatchSize = 1, simulatedRows },
		"rows one by one":      func(b *nets.EngineConfig) { b.Step.PhysicalBatch = 1 },
		"no dropout":           func(b *nets.EngineConfig) { b.Net.Config.Dropout = 0 },
		"sharp fakes":          func(b *nets.EngineConfig) { b.Net.Temperature = 0.2 },
		"a pull that is all":   func(b *nets.EngineConfig) { b.Net.Pull = 100 },
		"no pull":              func(b *nets.EngineConfig) { b.Net.Pull = 0 },
		"few atoms":            func(b *nets.EngineConfig) { b.Atoms.Count = 3 },
		"no hidden layers":     func(b *nets.EngineConfig) { b.Atoms.Hidden = nil },
		"no tables":            func(b *nets.EngineConfig) { b.Pairs.Tables = nil },
		"a column of one cell": func(b *nets.EngineConfig) {
			b.Cells[1] = dpsgd.Cells{Edges: []uint32{0, 3}, Index: []uint32{0}, Count: 1}
		},
		"a column of four cells": func(b *nets.EngineConfig) { b.Cells[2] = dpsgd.EachBin([]uint32{0, 1, 200, 300, 1000}) },
	} {
		for _, k := range kinds {
			if name == "no tables" && !k.net {
				continue // no step to take
			}
			t.Run(fmt.Sprintf("%s/%+v", name, k), func(t *testing.T) { agree(t, of, of.changed(kind{k.triples, true}, change), k.net) })
		}
	}
}

// changed is the blueprint of k after change, with what hangs on it made anew.
func (t trial) changed(k kind, change func(b *nets.EngineConfig)) nets.EngineConfig {
	b := t.engineConfig(k)
	change(&b)
	b.Layout = cellLayout(b.Cells)
	if b.Pairs.Tables != nil {
		b.Pairs = pairTables(b.Layout, simulatedTables(k.triples))
	} else {
		b.Pairs.Weights = 0
	}
	b.Scale, b.Count = t.means(b.Pairs)
	b.Net.White = t.whitening(b.Layout)
	b.Initial = t.state(newGeneratorShape(b.Atoms, b.Layout), newDiscriminatorShape(b.Net.Config, b.Net.White), b.Pairs.Weights)
	return b
}

func agree(t *testing.T, of trial, b nets.EngineConfig, net bool) {
	t.Helper()
	dev, l := open(t), leg{trial: of, to: 6, observe: func(int) {}}
	if !net {
		b.Net = nil
	}
	report := Report{Tolerance: Tolerance, OK: true}
	if _, err := l.compare(t.Context(), dev, &report, b); errors.Join(err, dev.Sync()) != nil {
		t.Fatal(err, dev.Sync())
	}
	for _, p := range report.Parameters {
		if !p.OK {
			t.Errorf("%s %v: difference %.3g, above %g", p.Name, p.Shape, p.Difference, p.Tolerance)
		}
	}
}
