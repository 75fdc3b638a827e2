package accounting

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Reservation identifies a reserved event within its ledger.
type Reservation int64

// Record is one line of a ledger: the header, which is the first line and only
// that, an event reserved, a reservation settled, a torn line repaired, or what a
// run's own ledger held. Exactly one of them is set.
type Record struct {
	Header  *Header   `json:"header,omitempty"`
	Reserve *Reserved `json:"reserve,omitempty"`
	Settle  *Settled  `json:"settle,omitempty"`
	Torn    *Torn     `json:"torn,omitempty"`
	Taken   *Taken    `json:"taken,omitempty"`
	// Day is when the line was written, in UTC. A finer time would tell how long a
	// step took, which depends on the batch.
	Day string `json:"day"`
	// Previous is the SHA-256 of the line before, without its newline, in hex;
	// that of the empty string for the first line.
	Previous string `json:"previous"`
}

// Reserved announces releases before they happen. They count as spent.
type Reserved struct {
	ID    Reservation `json:"id"`
	Run   string      `json:"run"`
	Event Event       `json:"event"`
}

// Settled says how many of the reserved releases happened; the others are given back.
type Settled struct {
	ID   Reservation `json:"id"`
	Used int         `json:"used"`
}

// Torn replaces a last line that was cut off. Spent is what it announced, if
// that could be read, and counts as spent. A line cut before its event was
// complete never reached the disk whole, so nothing had been released on it.
type Torn struct {
	ID    Reservation `json:"id"`
	Bytes int         `json:"bytes"`
	Spent *Reserved   `json:"spent,omitempty"`
}

// Taken is what a run's own ledger held when the run ended or was interrupted. It
// costs nothing: the table's ledger, which it is in, has reserved it as whole phases.
type Taken struct {
	Run    string  `json:"run"`
	Events []Event `json:"events"`
}

func hashLine(line []byte) string {
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:])
}

// parseLedger reads the lines of a ledger and checks their chain. torn is what
// follows the last newline.
func parseLedger(name string, data []byte) (records []Record, last string, torn []byte, err error) {
	last = hashLine(nil)
	for number := 1; len(data) > 0; number++ {
		line, rest, whole := bytes.Cut(data, []byte{'\n'})
		if !whole {
			return records, last, line, nil
		}
		r, err := parseLine(line, last, number == 1)
		if err != nil {
			return nil, "", nil, fmt.Errorf("accounting: %w %s, line %d: %w", ErrLedger, name, number, err)
		}
		records = append(records, *r)
		last, data = hashLine(line), rest
	}
	return records, last, nil, nil
}

func parseLine(line []byte, previous string, first bool) (*Record, error) {
	if first && headless(line) {
		return nil, errHeadless
	}
	var r Record
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		return nil, fmt.Errorf("not a ledger record: %w: restore the file from a copy", err)
	}
	if r.Previous != previous {
		return nil, errors.New("the chain is broken: this line or the one before was changed, or one is missing: restore the file from a copy")
	}
	return &r, r.check(first)
}

func (r *Record) check(first bool) error {
	kinds := 0
	for _, set := range []bool{r.Header != nil, r.Reserve != nil, r.Settle != nil, r.Torn != nil, r.Taken != nil} {
		if set {
			kinds++
		}
	}
	switch {
	case kinds != 1:
		return errors.New("a record must hold one of header, reserve, settle, torn and taken")
	case first != (r.Header != nil):
		return errors.New("the header must be the first line, and only that")
	case r.Header != nil:
		return r.Header.check()
	case r.Reserve != nil:
		return r.Reserve.Event.validate()
	case r.Taken != nil:
		for _, e := range r.Taken.Events {
			if err := e.validate(); err != nil {
				return err
			}
		}
	case r.Torn != nil && r.Torn.Spent != nil:
		return r.Torn.Spent.Event.validate()
	}
	return nil
}

// announced reads the reservation of a torn line, if all of it is there.
func announced(torn []byte) *Reserved {
	const prefix = `{"reserve":`
	if !strings.HasPrefix(string(torn), prefix) {
		return nil
	}
	var r Reserved
	if err := json.NewDecoder(bytes.NewReader(torn[len(prefix):])).Decode(&r); err != nil || r.Event.validate() != nil {
		return nil
	}
	return &r
}
