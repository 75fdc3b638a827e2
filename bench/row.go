package bench

// The modes of a step.
const (
	private    = "private"    // norms, clip factors, exact sum, noise
	nonPrivate = "nonprivate" // the same without norms, factors and noise
)

// Row is one measurement, or why there is none.
type Row struct {
	MessageType string `json:"message_type"` // "row", or "skipped" with a Reason
	Suite       string `json:"suite"`
	Name        string `json:"name"`
	Device      string `json:"device"` // as asked for: cpu, cuda
	Mode        string `json:"mode"`
	// Batch is the number of rows of a step, or of a draw; Dim is the number of
	// cells of a row for the suites that lay out rows themselves, else the number
	// of the table's learned columns.
	Batch int `json:"batch"`
	Dim   int `json:"dim"`
	// MS is the median time of a step, or of a draw, in milliseconds; MSLow and
	// MSHigh are the quartiles. A training that takes no step of the
	// discriminator gives its whole time after reading.
	MS            float64 `json:"ms"`
	RowsPerSecond float64 `json:"rows_per_s"`
	GFLOPS        float64 `json:"gflops"` // 0 where products are not counted
	// Bytes is what the case holds on the device: buffers and tables.
	Bytes  int64   `json:"bytes"`
	MSLow  float64 `json:"ms_low,omitempty"`
	MSHigh float64 `json:"ms_high,omitempty"`
	Runs   int     `json:"runs,omitempty"`
	// Threads of a host device.
	Threads int `json:"threads,omitempty"`
	// DeviceName and Precision are the device's own words.
	DeviceName string `json:"device_name,omitempty"`
	Precision  string `json:"precision,omitempty"`
	// PeakGFLOPS is that of the product of large matrices in the same rounds, and
	// PeakShare is GFLOPS over it. Rows that are nearly all zeros skip most
	// products, so their share may exceed 1.
	PeakGFLOPS float64 `json:"peak_gflops,omitempty"`
	PeakShare  float64 `json:"peak_share,omitempty"`
	// OverNonPrivate is the median, over rounds, of the time divided by that of the
	// non-private mode.
	OverNonPrivate float64 `json:"over_nonprivate,omitempty"`
	// Speedup is the median, over rounds, of the time on the fewest threads divided
	// by that on Threads.
	Speedup float64 `json:"speedup,omitempty"`
	// TableRows are resident, at BytesPerRow; OverSmallest is the median, over
	// rounds, of the time divided by that on the smallest table.
	TableRows    int     `json:"table_rows,omitempty"`
	BytesPerRow  float64 `json:"bytes_per_row,omitempty"`
	OverSmallest float64 `json:"over_smallest,omitempty"`
	// Seconds from file to model, StepsPerSecond over the training alone,
	// ReadSeconds to read the table, and the share of Seconds outside the steps.
	Seconds        float64 `json:"seconds,omitempty"`
	StepsPerSecond float64 `json:"steps_per_s,omitempty"`
	ReadSeconds    float64 `json:"read_seconds,omitempty"`
	OutsideShare   float64 `json:"outside_share,omitempty"`
	Reason         string  `json:"reason,omitempty"`

	overFirst float64 // over the first contender of the case
}

// Skipped tells that nothing was measured.
func (r *Row) Skipped() bool { return r.MessageType == "skipped" }

// caseKey is what tells one row from another, devices and threads aside.
type caseKey struct{ suite, name, mode string }

func (r *Row) key() caseKey { return caseKey{r.Suite, r.Name, r.Mode} }
