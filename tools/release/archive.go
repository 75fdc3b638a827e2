package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"time"
)

// content is a file in an archive.
type content struct {
	name string
	mode os.FileMode
	data []byte
}

// archive packs the binary and what goes with it, as a zip for Windows and else a
// tar.gz, into a folder of the archive's own name.
func archive(name, system, binary string, stamp time.Time) error {
	paths := []string{binary, "LICENSE", "README.md", "CHANGELOG.md"}
	configs, err := filepath.Glob("configs/*.yaml") // sorted
	if err != nil {
		return err
	}
	var files []content
	for _, p := range append(paths, configs...) {
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		f := content{name: filepath.ToSlash(p), mode: 0o644, data: data}
		if p == binary {
			f.name, f.mode = filepath.Base(p), 0o755
		}
		f.name = path.Join(filepath.Base(name), f.name)
		files = append(files, f)
	}
	if system == "windows" {
		return packZip(name+".zip", files, stamp)
	}
	return packTar(name+".tar.gz", files, stamp)
}

func packTar(to string, files []content, stamp time.Time) error {
	var out bytes.Buffer
	zipped, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return err
	}
	packed := tar.NewWriter(zipped)
	for _, f := range files {
		header := &tar.Header{Name: f.name, Mode: int64(f.mode), Size: int64(len(f.data)), ModTime: stamp, Format: tar.FormatUSTAR}
		if err := packed.WriteHeader(header); err != nil {
			return err
		}
		if _, err := packed.Write(f.data); err != nil {
			return err
		}
	}
	if err := errors.Join(packed.Close(), zipped.Close()); err != nil {
		return err
	}
	return os.WriteFile(to, out.Bytes(), 0o644)
}

func packZip(to string, files []content, stamp time.Time) error {
	var out bytes.Buffer
	packed := zip.NewWriter(&out)
	for _, f := range files {
		header := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: stamp}
		header.SetMode(f.mode)
		w, err := packed.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := w.Write(f.data); err != nil {
			return err
		}
	}
	if err := packed.Close(); err != nil {
		return err
	}
	return os.WriteFile(to, out.Bytes(), 0o644)
}

// writeSums writes SHA256SUMS, as sha256sum -c reads it.
func writeSums(folder string) error {
	entries, err := os.ReadDir(folder) // sorted
	if err != nil {
		return err
	}
	var sums bytes.Buffer
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(data), e.Name())
	}
	return os.WriteFile(filepath.Join(folder, "SHA256SUMS"), sums.Bytes(), 0o644)
}
