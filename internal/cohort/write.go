package cohort

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"time"
)

// Rows is the size of the table that dpgan demo writes.
const Rows = 30_000

// header is the first line of the table: the column names, in order.
const header = "patient_id,sex,age,smoker,bmi,diabetes,hba1c,systolic_bp,pregnancies," +
	"ward,severity,admission,discharge,cost,outcome"

// The indices of the category names below.
const (
	cardiology = iota
	emergency
	medicine
	obstetrics
	oncology
	surgery
)

const (
	home = iota
	transfer
	died
)

var (
	wards      = [...]string{"cardiology", "emergency", "medicine", "obstetrics", "oncology", "surgery"}
	severities = [...]string{"mild", "moderate", "severe", "critical"}
	outcomes   = [...]string{"home", "transfer", "died"}
)

// Admissions fall on the three years from firstDay.
var firstDay = time.Date(2022, time.January, 1, 0, 0, 0, 0, time.UTC)

const days = 3*365 + 1 // 2024 is a leap year

// Write streams a CSV table of header and so many simulated patients. The same
// seed gives the same bytes, and a shorter table is a prefix of a longer one.
func Write(w io.Writer, rows int, seed uint64) error {
	if rows < 0 {
		return fmt.Errorf("cohort: rows=%d: must be >= 0", rows)
	}
	r := rand.New(rand.NewPCG(seed, 0x6470_6761_6e)) // the second word is "dpgan": this stream's name
	buffered := bufio.NewWriterSize(w, 1<<16)
	line := append(make([]byte, 0, 256), header...)
	line = append(line, '\n')
	for i := 0; ; i++ {
		if _, err := buffered.Write(line); err != nil {
			return fmt.Errorf("cohort: row %d: %w", i, err)
		}
		if i == rows {
			break
		}
		line = appendChart(line[:0], r, i, draw(r))
	}
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("cohort: flush: %w", err)
	}
	return nil
}

// appendChart appends the CSV line of row i, leaving out what the ward did
// not record. No value needs quotes.
func appendChart(b []byte, r *rand.Rand, i int, p patient) []byte {
	b = fmt.Appendf(b, "P%06d", i+1)
	sex := "M"
	if p.female {
		sex = "F"
	}
	b = append(append(b, ','), sex...)
	b = strconv.AppendInt(append(b, ','), int64(p.age), 10)
	if b = append(b, ','); !chance(r, 0.03) {
		b = strconv.AppendBool(b, p.smoker)
	}
	if b = append(b, ','); !chance(r, 0.04) {
		b = strconv.AppendFloat(b, p.bmi, 'f', 1, 64)
	}
	b = strconv.AppendBool(append(b, ','), p.diabetes)
	// The test is ordered for most diabetics and for half of the others.
	if b = append(b, ','); !chance(r, 0.5-when(p.diabetes, 0.45)) {
		b = strconv.AppendFloat(b, p.hba1c, 'f', 1, 64)
	}
	if b = append(b, ','); !chance(r, 0.01) {
		b = strconv.AppendInt(b, int64(p.systolic), 10)
	}
	if b = append(b, ','); p.female {
		b = strconv.AppendInt(b, int64(p.pregnancies), 10)
	}
	b = append(append(b, ','), wards[p.ward]...)
	b = append(append(b, ','), severities[p.severity]...)
	b = firstDay.AddDate(0, 0, p.admission).AppendFormat(append(b, ','), time.DateOnly)
	b = firstDay.AddDate(0, 0, p.admission+p.stay).AppendFormat(append(b, ','), time.DateOnly)
	if b = append(b, ','); !chance(r, 0.02) {
		b = strconv.AppendFloat(b, p.cost, 'f', 2, 64)
	}
	b = append(append(b, ','), outcomes[p.outcome]...)
	return append(b, '\n')
}
