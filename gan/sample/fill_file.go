package sample

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dpgan/dpgan/internal/atomicfile"
	"github.com/dpgan/dpgan/tabular"
)

func isCSV(path string) bool { return strings.HasSuffix(strings.ToLower(path), ".csv") || isGzip(path) }

func isGzip(path string) bool { return strings.HasSuffix(strings.ToLower(path), ".csv.gz") }

// FillFile fills the table in and writes it to out, and counts its rows and the cells that
// were filled. A CSV table keeps the order of its columns, and the text of the cells that are
// not filled, ids among them.
func (p *Imputer) FillFile(ctx context.Context, in, out string) (rows, filled int, err error) {
	if isCSV(in) && isCSV(out) {
		return p.fillText(ctx, in, out)
	}
	for _, c := range p.Codec().Schema().Columns {
		if c.Type == tabular.ID {
			return 0, 0, &ConditionError{"out", out, fmt.Sprintf("column %q is an id, which Parquet tables would get anew: store both tables as CSV", c.Name)}
		}
	}
	table, err := tabular.NewWriter(out, p.Codec())
	if err != nil {
		return 0, 0, &ConditionError{"out", out, err.Error()}
	}
	defer func() { err = errors.Join(err, table.Abort()) }()
	sink := &codeFiller{imputer: p, table: table}
	if rows, err = tabular.Read(ctx, in, p.Codec(), sink); err != nil {
		return 0, 0, err
	}
	return rows, sink.filled, table.Close()
}

// codeFiller fills and writes the codes that it is handed.
type codeFiller struct {
	imputer *Imputer
	table   *tabular.Writer
	filled  int
}

func (f *codeFiller) Append(columns [][]uint32) error {
	n, err := f.imputer.Fill(columns)
	f.filled += n
	return errors.Join(err, f.table.Write(columns))
}

// fillText fills a CSV file, whose columns keep their order, and whose cells, but
// for those that are filled, their text.
func (p *Imputer) fillText(ctx context.Context, in, out string) (rows, filled int, err error) {
	codec := p.Codec()
	// What is wrong with the table is said with its line, before anything is written.
	if rows, err = tabular.Read(ctx, in, codec, tabular.Discard); err != nil {
		return 0, 0, err
	}
	header, err := tabular.Header(in)
	if err != nil {
		return 0, 0, err
	}
	schema, order := codec.Schema(), make([]int, len(header))
	for k, name := range header {
		order[k] = slices.IndexFunc(schema.Columns, func(c tabular.Column) bool { return c.Name == name })
	}
	// As text, the scan hands over every cell as it is written.
	text := tabular.Schema{Missing: []string{"\x00"}, Columns: slices.Clone(schema.Columns)}
	for i, c := range text.Columns {
		text.Columns[i] = tabular.Column{Name: c.Name, Type: tabular.Categorical}
	}
	err = atomicfile.Write(out, func(w io.Writer) error {
		var zip *gzip.Writer
		if isGzip(out) {
			zip = gzip.NewWriter(w)
			w = zip
		}
		filler := newTextFiller(p, order, csv.NewWriter(w))
		if err := errors.Join(filler.out.Write(header), tabular.Scan(ctx, in, &text, order, filler)); err != nil {
			return err
		}
		filled = filler.filled
		filler.out.Flush()
		err := filler.out.Error()
		if zip != nil {
			err = errors.Join(err, zip.Close())
		}
		return err
	})
	return rows, filled, err
}

// textFiller fills and writes the cells that it is handed, column k being the
// schema's order[k].
type textFiller struct {
	imputer *Imputer
	learned []int // of each cell of a record: its learned column, or -1
	codes   [][]uint32
	out     *csv.Writer
	record  []string
	filled  int
}

func newTextFiller(imputer *Imputer, order []int, out *csv.Writer) *textFiller {
	learned := imputer.Codec().Learned()
	f := &textFiller{imputer: imputer, codes: make([][]uint32, len(learned)), out: out, record: make([]string, len(order))}
	for _, i := range order {
		f.learned = append(f.learned, slices.Index(learned, i))
	}
	return f
}

// Append implements tabular.CellSink.
func (f *textFiller) Append(_ [][]float64, texts [][]string, _ [][]bool) error {
	codec, rows := f.imputer.Codec(), len(texts[0])
	for k, j := range f.learned {
		if j < 0 {
			continue
		}
		f.codes[j] = f.codes[j][:0]
		for _, cell := range texts[k] {
			code, err := codec.Encode(j, cell)
			if err != nil {
				return err
			}
			f.codes[j] = append(f.codes[j], code)
		}
	}
	known := make([][]uint32, len(f.codes))
	for j := range known {
		known[j] = slices.Clone(f.codes[j])
	}
	filled, err := f.imputer.Fill(f.codes)
	if err != nil {
		return err
	}
	f.filled += filled
	var text []byte
	for i := range rows {
		for k, j := range f.learned {
			f.record[k] = texts[k][i]
			if j >= 0 && known[j][i] != f.codes[j][i] {
				text = codec.AppendCell(text[:0], j, f.codes[j][i])
				f.record[k] = string(text)
			}
		}
		if err := f.out.Write(f.record); err != nil {
			return err
		}
	}
	return nil
}
