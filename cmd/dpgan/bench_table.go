package main

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dpgan/dpgan/bench"
	"github.com/dpgan/dpgan/internal/amount"
)

// table prints the rows in columns, a block a suite, and below each block why
// cases were skipped.
func (b *benchReport) table(out *bytes.Buffer) {
	for from := 0; from < len(b.rows); {
		to := from
		for to < len(b.rows) && b.rows[to].Suite == b.rows[from].Suite {
			to++
		}
		b.block(out, b.rows[from:to])
		from = to
	}
}

func (b *benchReport) block(out *bytes.Buffer, rows []bench.Row) {
	lines := [][]string{{"case", "mode", "device", "ms", "quartiles", "rows/s", "GFLOP/s", "of peak", "MiB", "ratio"}}
	var notes strings.Builder
	for _, row := range rows {
		if row.Skipped() {
			fmt.Fprintf(&notes, "  skipped %s, %s, on %s: %s\n", row.Name, row.Mode, place(row), row.Reason)
			continue
		}
		lines = append(lines, []string{row.Name, row.Mode, place(row), digits(row.MS), digits(row.MSLow) + " … " + digits(row.MSHigh),
			short(row.RowsPerSecond), unless0(row.GFLOPS, "%.1f"), unless0(100*row.PeakShare, "%.0f %%"), digits(float64(row.Bytes) / (1 << 20)), b.ratio(row)})
		fmt.Fprint(&notes, note(row))
	}
	fmt.Fprintln(out, rows[0].Suite)
	if len(lines) > 1 {
		align(out, lines)
	}
	fmt.Fprintln(out, notes.String())
}

// align prints lines in columns, words to the left and numbers to the right.
func align(out *bytes.Buffer, lines [][]string) {
	const words, last = 3, 9 // the first three columns and the last hold words
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, line := range lines {
		var text strings.Builder
		for i, cell := range line {
			width := widths[i] // fmt pads by runes
			if i < words || i == last {
				width = -width
			}
			fmt.Fprintf(&text, "  %*s", width, cell)
		}
		fmt.Fprintln(out, strings.TrimRight(text.String(), " "))
	}
}

func place(row bench.Row) string {
	if row.Threads > 0 {
		return fmt.Sprintf("%s/%d", row.Device, row.Threads)
	}
	return row.Device
}

// ratio is what a row is compared with in its own rounds, and with the first device.
func (b *benchReport) ratio(row bench.Row) string {
	var parts []string
	if row.OverNonPrivate > 0 {
		parts = append(parts, fmt.Sprintf("%.3f× nonprivate", row.OverNonPrivate))
	}
	if row.OverSmallest > 0 {
		parts = append(parts, fmt.Sprintf("%.3f× smallest", row.OverSmallest))
	}
	if row.Speedup > 0 {
		parts = append(parts, fmt.Sprintf("%.2f× as fast as fewest threads", row.Speedup))
	}
	if over := bench.OverFirst(b.rows, row); over > 0 {
		parts = append(parts, fmt.Sprintf("%s× as fast as %s", digits(1/over), b.rows[0].Device))
	}
	return strings.Join(parts, ", ")
}

// note says what only some suites measure.
func note(row bench.Row) string {
	if row.Seconds == 0 {
		return ""
	}
	return fmt.Sprintf("  %s on %s: %.3gs, %.3gs of it to read the table; %.0f steps/s, %.1f %% of the time outside the steps; %s\n",
		row.Name, place(row), row.Seconds, row.ReadSeconds, row.StepsPerSecond, 100*row.OutsideShare, amount.Of(row.Runs, "run"))
}

// digits writes a positive number with three digits and no exponent.
func digits(x float64) string {
	decimals := 0
	for scale := x; scale > 0 && scale < 100 && decimals < 4; scale *= 10 {
		decimals++
	}
	return strconv.FormatFloat(x, 'f', decimals, 64)
}

func unless0(x float64, format string) string {
	if x == 0 {
		return ""
	}
	return fmt.Sprintf(format, x)
}
