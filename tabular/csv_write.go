package tabular

import (
	"compress/gzip"
	"io"
	"strings"
)

const (
	writeBuffer = 64 << 10
	// maxPrepared is the largest code space whose cells are made in advance.
	maxPrepared = 1 << 14
)

// csvWriter writes RFC 4180 with line feeds, as most writers of data do.
type csvWriter struct {
	codec   *Codec
	out     io.Writer
	zip     *gzip.Writer // nil if plain
	buffer  []byte
	fields  []csvField // in the order of the schema
	started bool
}

// csvField writes one column.
type csvField struct {
	learned int // index of the learned column, or -1
	counter *counter
	// The cell of code k is cells[starts[k]:starts[k+1]], quoted where needed;
	// nil if the code space is too large for that.
	cells   []byte
	starts  []uint32
	missing []byte // the quoted cell of missing
	plain   bool   // cells other than missing never need quotes
}

func newGzipWriter(out io.Writer, c *Codec) *csvWriter {
	z := gzip.NewWriter(out)
	w := newCSVWriter(z, c)
	w.zip = z
	return w
}

func newCSVWriter(out io.Writer, c *Codec) *csvWriter {
	w := &csvWriter{codec: c, out: out, buffer: make([]byte, 0, writeBuffer+4096)}
	single := len(c.schema.Columns) == 1
	learned, ids := 0, 0
	for i := range c.schema.Columns {
		if c.schema.Columns[i].Type == ID {
			counter := &c.counters[ids]
			w.fields = append(w.fields, csvField{learned: -1, counter: counter, plain: !needsQuotes(string(counter.append(nil, 1)))})
			ids++
			continue
		}
		w.fields = append(w.fields, newCSVField(c, learned, single))
		learned++
	}
	return w
}

// newCSVField prepares the cells of learned column j. In a table of one column
// an empty cell is quoted, or its line would be taken for a blank one.
func newCSVField(c *Codec, j int, single bool) csvField {
	col := &c.columns[j]
	f := csvField{learned: j, missing: appendQuoted(nil, c.missing[0], single)}
	if _, listed := col.coder.(*levels); !listed {
		// One cell speaks for all: they differ in digits and month names only.
		f.plain = !needsQuotes(string(col.coder.append(nil, 0)))
	}
	if col.size() > maxPrepared {
		return f
	}
	var text []byte
	for code := range col.size() {
		f.starts = append(f.starts, uint32(len(f.cells)))
		text = c.AppendCell(text[:0], j, code)
		f.cells = appendQuoted(f.cells, string(text), single)
	}
	f.starts = append(f.starts, uint32(len(f.cells)))
	return f
}

func (w *csvWriter) write(columns [][]uint32, first int64) error {
	w.start()
	for i := range columns[0] {
		for n := range w.fields {
			if n > 0 {
				w.buffer = append(w.buffer, ',')
			}
			f := &w.fields[n]
			if f.learned < 0 {
				start := len(w.buffer)
				w.buffer = f.counter.append(w.buffer, first+int64(i))
				w.quote(f, start)
				continue
			}
			code := columns[f.learned][i]
			if f.starts != nil {
				w.buffer = append(w.buffer, f.cells[f.starts[code]:f.starts[code+1]]...)
				continue
			}
			w.appendLarge(f, code)
		}
		w.buffer = append(w.buffer, '\n')
		if len(w.buffer) >= writeBuffer {
			if err := w.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// appendLarge writes a cell that was not prepared.
func (w *csvWriter) appendLarge(f *csvField, code uint32) {
	col := &w.codec.columns[f.learned]
	if code >= col.values {
		w.buffer = append(w.buffer, f.missing...)
		return
	}
	start := len(w.buffer)
	w.buffer = col.coder.append(w.buffer, code)
	w.quote(f, start)
}

// quote puts the cell from start to the end of the buffer in quotes if needed.
func (w *csvWriter) quote(f *csvField, start int) {
	if !f.plain {
		cell := string(w.buffer[start:])
		w.buffer = appendQuoted(w.buffer[:start], cell, false)
	}
}

// start writes the header once.
func (w *csvWriter) start() {
	if w.started {
		return
	}
	w.started = true
	for i := range w.codec.schema.Columns {
		if i > 0 {
			w.buffer = append(w.buffer, ',')
		}
		name := w.codec.schema.Columns[i].Name
		if i == 0 && strings.HasPrefix(name, "ID") {
			// Excel takes a file that starts with the bytes ID for a SYLK file.
			w.buffer = append(append(append(w.buffer, '"'), strings.ReplaceAll(name, `"`, `""`)...), '"')
			continue
		}
		w.buffer = appendQuoted(w.buffer, name, false)
	}
	w.buffer = append(w.buffer, '\n')
}

func (w *csvWriter) flush() error {
	_, err := w.out.Write(w.buffer)
	w.buffer = w.buffer[:0]
	return err
}

func (w *csvWriter) close() error {
	w.start()
	if err := w.flush(); err != nil {
		return err
	}
	if w.zip == nil {
		return nil
	}
	return w.zip.Close()
}

// needsQuotes says whether a cell would be misread without them.
func needsQuotes(cell string) bool {
	if cell == "" {
		return false
	}
	return strings.ContainsAny(cell, ",\"\n\r\t;") || cell[0] == ' ' || cell[len(cell)-1] == ' ' || cell == `\.`
}

// appendQuoted writes a cell, within quotes where needed; quoteEmpty asks for
// them around an empty one.
func appendQuoted(dst []byte, cell string, quoteEmpty bool) []byte {
	if !needsQuotes(cell) && !(quoteEmpty && cell == "") {
		return append(dst, cell...)
	}
	dst = append(dst, '"')
	for i := range len(cell) {
		if cell[i] == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, cell[i])
	}
	return append(dst, '"')
}
