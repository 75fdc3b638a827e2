package dpgan

import (
	"context"
	"iter"

	"github.com/dpgan/dpgan/tabular"
)

// Source tells the rows of a private table: File or Records.
type Source interface {
	// check refuses what cannot be read, before anything else is done.
	check() error
	// path is that of a file, which discovery may look at beforehand; "" for none.
	path() string
	read(ctx context.Context, codec *tabular.Codec, into tabular.Sink) (rows int, err error)
}

// File is the table at path, a .csv, .csv.gz or .parquet.
func File(path string) Source { return file(path) }

type file string

func (f file) path() string { return string(f) }

func (f file) check() error { return tabular.CheckReadable(string(f)) }

func (f file) read(ctx context.Context, codec *tabular.Codec, into tabular.Sink) (int, error) {
	return tabular.Read(ctx, string(f), codec, into)
}

// Records is a table in memory, or from anywhere: each record has a cell for each of
// data.columns, in their order, as a file would write it. All facts of the columns must be
// declared, since discovery would have to read the table twice.
func Records(rows iter.Seq2[[]string, error]) Source { return records{rows} }

type records struct{ rows iter.Seq2[[]string, error] }

func (r records) check() error { return nil }
func (r records) path() string { return "" }

func (r records) read(ctx context.Context, codec *tabular.Codec, into tabular.Sink) (int, error) {
	return tabular.ReadRecords(ctx, r.rows, codec, into)
}
