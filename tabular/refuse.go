package tabular

import (
	"math"
	"strconv"
)

// refuseNumber says why a cell is no number.
func refuseNumber(cell string) string {
	if v, err := strconv.ParseFloat(cell, 64); err == nil && (math.IsNaN(v) || math.IsInf(v, 0)) {
		return "not a finite number: add it to missing and declare nullable: true, or correct the cell"
	}
	return "not a number: correct the cell, add it to missing, or declare another type"
}

// refuseEncoding is the reason for a cell that is not text.
const refuseEncoding = "not valid UTF-8: save the file as UTF-8"

// refuseMissing is the reason for a missing cell where there may be none.
const refuseMissing = "missing cell: declare nullable: true, or fill the cell"
