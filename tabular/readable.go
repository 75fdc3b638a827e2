package tabular

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// CheckReadable opens the table at path, so that a wrong one is told before anything else
// is done.
func CheckReadable(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: no such file", path)
	}
	if err != nil {
		return err
	}
	if info.IsDir() {
		return fmt.Errorf("%s: is a folder: name a .csv, .csv.gz or .parquet file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return file.Close()
}
