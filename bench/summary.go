package bench

import (
	"fmt"
	"strings"
)

// Summary compares rows.
type Summary struct {
	MessageType string `json:"message_type"` // "summary"
	Suite       string `json:"suite"`
	// Device and Threads are what was timed; Over is what it is compared with: a
	// mode, or another device.
	Device  string `json:"device"`
	Threads int    `json:"threads,omitempty"`
	Over    string `json:"over"`
	// Ratio is the median over Cases of time over time, in [Low, High].
	Ratio float64 `json:"ratio"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Cases int     `json:"cases"`
}

func (s Summary) String() string {
	place := s.Device
	if s.Threads > 0 {
		place = fmt.Sprintf("%s, threads %d", s.Device, s.Threads)
	}
	return fmt.Sprintf("%s (%s): %.3f × %s, %.3f … %.3f over %d cases", s.Suite, place, s.Ratio, s.Over, s.Low, s.High, s.Cases)
}

func newSummary(suite, device string, threads int, over string, ratios []float64) Summary {
	return Summary{"summary", suite, device, threads, over, quantile(ratios, 0.5), quantile(ratios, 0), quantile(ratios, 1), len(ratios)}
}

// Summarize gives, for each device and number of threads, the private step of
// dp-tax over the non-private one, and, for each suite, the time of each further
// device over the first one's best.
func Summarize(rows []Row) []Summary {
	type group struct {
		suite, device string
		threads       int
		over          string
	}
	var order []group
	ratios := map[group][]float64{}
	add := func(g group, ratio float64) {
		if ratios[g] == nil {
			order = append(order, g)
		}
		ratios[g] = append(ratios[g], ratio)
	}
	for _, row := range rows {
		if row.Suite == "dp-tax" && row.OverNonPrivate > 0 {
			add(group{row.Suite, row.Device, row.Threads, nonPrivate}, row.OverNonPrivate)
		}
		if ratio := OverFirst(rows, row); ratio > 0 {
			add(group{row.Suite, row.Device, row.Threads, rows[0].Device}, ratio)
		}
	}
	var list []Summary
	for _, g := range order {
		list = append(list, newSummary(g.suite, g.device, g.threads, g.over, ratios[g]))
	}
	return list
}

// OverFirst is the time of row over the least time of the same work on the
// first device among rows, or 0 if row is of that device or there is none.
func OverFirst(rows []Row, row Row) float64 {
	if row.Skipped() || len(rows) == 0 || row.Device == rows[0].Device {
		return 0
	}
	best := 0.0
	for _, other := range rows {
		if other.Device == rows[0].Device && !other.Skipped() && other.key() == row.key() && (best == 0 || other.MS < best) {
			best = other.MS
		}
	}
	if best == 0 {
		return 0
	}
	return row.MS / best
}

// String names the row on one line: suite/name/mode/device.
func (r *Row) String() string {
	parts := []string{r.Suite, r.Name, r.Mode, r.Device}
	if r.Threads > 0 {
		parts = append(parts, fmt.Sprintf("threads=%d", r.Threads))
	}
	return strings.ReplaceAll(strings.Join(parts, "/"), " ", "-")
}
