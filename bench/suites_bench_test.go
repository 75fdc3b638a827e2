package bench

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dpgan/dpgan/internal/cohort"
)

// BenchmarkSuites runs every case that takes five seconds at most: ns/op is the
// private mode's step, or draw; the other modes have metrics of their own.
func BenchmarkSuites(b *testing.B) {
	cfg := Config{Budget: 5 * time.Second, Demo: demo(b, cohort.Rows, 100)}
	if testing.Short() {
		cfg.Quick = true
	}
	type named struct{ suite, name string }
	var cases []named
	list := cfg
	list.choose = func(suite, name string) bool { cases = append(cases, named{suite, name}); return false }
	if err := Run(b.Context(), list, []Target{host()}, nil); err != nil {
		b.Fatal(err)
	}
	for _, c := range cases {
		var rows []Row
		b.Run(c.suite+"/"+c.name, func(b *testing.B) {
			if b.N == 1 { // once for each of -count
				rows = nil
				one := cfg
				one.Suites = []string{c.suite}
				one.choose = func(_, name string) bool { return name == c.name }
				if err := Run(b.Context(), one, []Target{host()}, func(r Row) { rows = append(rows, r) }); err != nil {
					b.Fatal(err)
				}
			}
			report(b, rows)
		})
	}
}

func report(b *testing.B, rows []Row) {
	b.Helper()
	for i, row := range rows {
		switch {
		case row.Skipped():
			b.Skip(row.Reason)
		case i > 0 && row.Name == rows[0].Name && row.Mode == private:
			b.ReportMetric(row.MS*1e6, fmt.Sprintf("threads-%d-ns", row.Threads))
		case i > 0 && row.Mode == private: // a larger table, or CSV
			b.ReportMetric(row.MS*1e6, strings.ReplaceAll(row.Name, " ", "-")+"-ns")
		case row.Mode == private:
			b.ReportMetric(row.MS*1e6, "ns/op")
			b.ReportMetric(row.RowsPerSecond, "rows/s")
			if row.GFLOPS > 0 {
				b.ReportMetric(row.GFLOPS, "GFLOP/s")
			}
		default:
			b.ReportMetric(row.MS*1e6, row.Mode+"-ns")
		}
	}
}
