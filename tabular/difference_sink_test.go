package tabular_test

import (
	"reflect"
	"testing"

	"github.com/dpgan/dpgan/tabular"
	"github.com/dpgan/dpgan/tabular/tabulartest"
)

// A row is told by itself, and comes back as it was unless it breaks the order.
func TestDifferenceSink(t *testing.T) {
	derived := tabulartest.Domain(t, tabulartest.Compile(t, []tabular.Column{
		{Name: "start", Type: tabular.Integer, Bounds: []any{0, 9}},
		{Name: "middle", Type: tabular.Integer, Bounds: []any{2, 14}},
		{Name: "end", Type: tabular.Integer, Bounds: []any{0, 17}, Nullable: true},
		{Name: "sex", Type: tabular.Categorical, Values: []string{"F", "M"}},
	}), tabular.Rule{Order: []string{"start", "middle", "end"}}).Rules.Differences()
	sink := &sinkOf{}
	told := tabular.NewDifferenceSink(sink, derived)
	rows := [][]uint32{{3, 9, 0}, {5, 0, 12}, {18, 17, 14}, {0, 1, 0}}
	for from := range 3 {
		part := make([][]uint32, 4)
		for j := range rows {
			part[j] = rows[j][from : from+1]
		}
		if err := told.Append(part); err != nil {
			t.Fatal(err)
		}
	}
	tabular.RestoreDifferences(derived, sink.columns)
	rows[1][1] = 7 // 2, before a start of 9, counts as 9
	if !reflect.DeepEqual(sink.columns, rows) {
		t.Errorf("%v, want %v", sink.columns, rows)
	}
	if tabular.NewDifferenceSink(sink, nil) != tabular.Sink(sink) {
		t.Error("rows without distances take a detour")
	}
}

type sinkOf struct{ columns [][]uint32 }

func (s *sinkOf) Append(columns [][]uint32) error {
	if s.columns == nil {
		s.columns = make([][]uint32, len(columns))
	}
	for j := range columns {
		s.columns[j] = append(s.columns[j], columns[j]...)
	}
	return nil
}
