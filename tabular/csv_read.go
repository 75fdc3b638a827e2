package tabular

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

const (
	readBuffer = 256 << 10
	// maxRowBytes stops a quote that is never closed from pulling the rest of
	// the file into memory as one cell.
	maxRowBytes = 16 << 20
)

// csvTable is an open CSV file behind its header.
type csvTable struct {
	path   string
	header []string
	csv    *csv.Reader
	limit  *rowLimit
}

// openCSV reads up to the header.
func openCSV(f io.Reader, path string, zipped bool) (*csvTable, error) {
	t := &csvTable{path: path}
	if zipped {
		z, err := gzip.NewReader(bufio.NewReaderSize(f, readBuffer))
		if err != nil {
			return nil, t.fault(err)
		}
		f = z
	}
	t.limit = &rowLimit{r: f, left: maxRowBytes}
	text := bufio.NewReaderSize(t.limit, readBuffer)
	start, err := text.Peek(1024)
	if err != nil && err != io.EOF {
		return nil, t.fault(err)
	}
	if len(start) == 0 {
		return nil, &DataError{File: path, Reason: "an empty file: want a header line and rows"}
	}
	if bytes.IndexByte(start, 0) >= 0 {
		return nil, &DataError{File: path, Reason: "not a table but binary data: " + wantedNames}
	}
	if bytes.HasPrefix(start, byteOrder) {
		if _, err := text.Discard(len(byteOrder)); err != nil {
			return nil, t.fault(err)
		}
	}
	t.csv = csv.NewReader(text)
	t.csv.TrimLeadingSpace = true
	t.csv.ReuseRecord = true
	header, err := t.csv.Read()
	if err == io.EOF {
		return nil, &DataError{File: path, Reason: "no header: want a line of column names"}
	}
	if err != nil {
		return nil, t.fault(err)
	}
	for _, name := range header {
		name = trim(name)
		if !utf8.ValidString(name) {
			return nil, &DataError{File: path, Line: 1, Value: shorten(name), Reason: "column name: " + refuseEncoding}
		}
		t.header = append(t.header, strings.Clone(name))
	}
	return t, nil
}

// fault explains an error of the layers below.
func (t *csvTable) fault(err error) error {
	e := &DataError{File: t.path, cause: err}
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		e.Line = parse.Line
	}
	switch {
	case errors.Is(err, csv.ErrQuote), errors.Is(err, csv.ErrBareQuote):
		e.Reason = fmt.Sprintf("a stray quote near byte %d of the line: put quotes around the whole cell and double those inside", parse.Column)
	case errors.Is(err, errRowTooLong):
		e.Reason = "a row longer than 16 MiB: look for a quote that is never closed"
	case errors.Is(err, io.ErrUnexpectedEOF):
		e.Reason = "the gzip stream ends early: the file is truncated, fetch it again"
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		e.Reason = "the gzip stream is damaged: fetch the file again"
	default:
		e.Reason = "cannot be read: " + err.Error()
	}
	return e
}

// readCSV streams the rows of a CSV file.
func readCSV(f io.Reader, path string, zipped bool, b *batch) error {
	t, err := openCSV(f, path, zipped)
	if err != nil {
		return err
	}
	positions, fault, reason := b.codec.position(t.header)
	if reason != "" {
		if len(t.header) == 1 && strings.ContainsAny(t.header[0], ";\t|") {
			reason = "one column only: separate the columns by commas"
			fault = t.header[0]
		}
		return &DataError{File: path, Line: 1, Column: fault, Reason: reason}
	}
	for {
		t.limit.left = maxRowBytes
		record, err := t.csv.Read()
		if err == io.EOF {
			return b.flush()
		}
		if errors.Is(err, csv.ErrFieldCount) {
			line, _ := t.csv.FieldPos(0)
			return &DataError{File: path, Line: line, cause: err, Reason: fmt.Sprintf(
				"the row has %d cells, the header %d: quote cells that hold commas, or mend the row", len(record), len(t.header))}
		}
		if err != nil {
			return t.fault(err)
		}
		for j, at := range positions {
			col := &b.codec.columns[j]
			code, ok := b.codec.encode(col, trim(record[at]))
			if !ok {
				line, _ := t.csv.FieldPos(at)
				cell := trim(record[at])
				return &DataError{File: path, Line: line, Column: col.name, Value: shorten(cell), value: true,
					Reason: b.codec.refuse(col, cell)}
			}
			b.buffer[j][b.rows] = code
		}
		if err := b.next(); err != nil {
			return err
		}
	}
}

var errRowTooLong = errors.New("row too long")

// rowLimit ends in errRowTooLong when left bytes are read; the reader of rows
// refills it.
type rowLimit struct {
	r    io.Reader
	left int
}

func (l *rowLimit) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errRowTooLong
	}
	n, err := l.r.Read(p)
	l.left -= n
	return n, err
}
