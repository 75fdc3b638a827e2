package accounting

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
)

// ErrLedger is wrapped when a ledger is not one, is damaged, or is not the one
// that is meant: whoever owns the file has to say what to do.
var ErrLedger = errors.New("ledger")

// ledgerFormat is the version of the lines. The first with a header is 2.
const ledgerFormat = 2

// Header is the first line of a ledger: what is fixed before anything is spent,
// and holds for as long as the file does.
type Header struct {
	Format int `json:"format"`
	// ID tells this ledger from every other, whatever path it lies at.
	ID string `json:"id"`
	// Epsilon and Delta are the total of a table, which all its runs share; both 0 in
	// a ledger without a total, such as that of one run.
	Epsilon float64 `json:"table_epsilon,omitempty"`
	Delta   float64 `json:"table_delta,omitempty"`
	// Insecure marks the ledger of a run whose noise can be recomputed: what is in it
	// adds up to no guarantee.
	Insecure bool `json:"insecure,omitempty"`
}

// withID is h with the format and an ID of its own.
func (h Header) withID() *Header {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails (crypto/rand)
	h.Format, h.ID = ledgerFormat, hex.EncodeToString(id[:])
	return &h
}

func (h *Header) check() error {
	total := h.Epsilon > 0 && h.Delta > 0 && h.Delta < 1
	switch {
	case h.Format != ledgerFormat:
		return fmt.Errorf("format=%d: this version reads %d: use the version that wrote the file", h.Format, ledgerFormat)
	case len(h.ID) != 32:
		return fmt.Errorf("id=%q: must have 32 digits", h.ID)
	case !total && (h.Epsilon != 0 || h.Delta != 0):
		return fmt.Errorf("table_epsilon=%v, table_delta=%v: no total", h.Epsilon, h.Delta)
	}
	return nil
}

// errHeadless is said of a ledger from before there were headers.
var errHeadless = errors.New("no header: the file is from an earlier version, " +
	"which fixed no delta for the table and wrote times: keep it, name a new file, " +
	"and set table_epsilon and table_delta of that lower by what was spent by the old one")

// headless tells that line, the first of a file, is a record but no header.
func headless(line []byte) bool {
	for _, kind := range []string{"reserve", "settle", "torn"} {
		if bytes.HasPrefix(line, []byte(`{"`+kind+`":`)) {
			return true
		}
	}
	return false
}
