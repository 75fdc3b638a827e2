package tabular

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
)

// fileFormat is how a table lies in a file.
type fileFormat int

const (
	formatCSV fileFormat = iota
	formatGzip
	formatParquet
)

// wantedNames ends the message about a file of another kind.
const wantedNames = "want a table as .csv, .csv.gz or .parquet"

// formatOf tells the format from the name.
func formatOf(path string) (fileFormat, bool) {
	name := strings.ToLower(path)
	switch {
	case strings.HasSuffix(name, ".csv"):
		return formatCSV, true
	case strings.HasSuffix(name, ".csv.gz"):
		return formatGzip, true
	case strings.HasSuffix(name, ".parquet"):
		return formatParquet, true
	}
	return 0, false
}

// Signatures at the start of files.
var (
	magicGzip    = []byte{0x1f, 0x8b}
	magicParquet = []byte("PAR1")
	magicZip     = []byte("PK\x03\x04") // .xlsx, .ods, .zip
	magicUTF16   = [][]byte{{0xff, 0xfe}, {0xfe, 0xff}}
	byteOrder    = []byte("\uFEFF")
)

// open opens path for reading and checks that its first bytes are those of the
// format that its name promises.
func open(path string) (*os.File, fileFormat, error) {
	format, known := formatOf(path)
	f, err := os.Open(path)
	if err != nil {
		reason := "cannot be opened: " + err.Error()
		if errors.Is(err, fs.ErrNotExist) {
			reason = "no such file: check the path, which is relative to the config file if it stands there"
		}
		return nil, 0, &DataError{File: path, Reason: reason, cause: err}
	}
	if err := checkStart(f, path, format, known); err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, format, nil
}

func checkStart(f *os.File, path string, format fileFormat, known bool) error {
	refuse := func(reason string) error { return &DataError{File: path, Reason: reason} }
	info, err := f.Stat()
	if err != nil {
		return &DataError{File: path, Reason: "cannot be read: " + err.Error(), cause: err}
	}
	switch {
	case info.IsDir():
		return refuse("a folder: " + wantedNames)
	case !known:
		return refuse("unknown kind of file: " + wantedNames)
	case !info.Mode().IsRegular():
		return refuse("not a regular file: " + wantedNames)
	case info.Size() == 0:
		return refuse("an empty file: want a header line and rows")
	}
	head := make([]byte, 4)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return &DataError{File: path, Reason: "cannot be read: " + err.Error(), cause: err}
	}
	head = head[:n]
	found := formatCSV
	switch {
	case bytes.HasPrefix(head, magicGzip):
		found = formatGzip
	case bytes.HasPrefix(head, magicParquet):
		found = formatParquet
	case bytes.HasPrefix(head, magicZip):
		return refuse("not a table but a spreadsheet or a zip archive: save it as CSV (UTF-8)")
	case bytes.HasPrefix(head, magicUTF16[0]), bytes.HasPrefix(head, magicUTF16[1]):
		return refuse("text in UTF-16: save the file as UTF-8")
	}
	if found != format {
		names := [...]string{formatCSV: "plain text", formatGzip: "gzip", formatParquet: "Parquet"}
		return refuse("holds " + names[found] + ", not what its name says: rename it; " + wantedNames)
	}
	return nil
}
