package tabular

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// Tables of other programs come in many types, which mean the same cells.
func TestForeignParquet(t *testing.T) {
	two := 2
	integer := Column{Type: Integer, Bounds: []any{0, 100}}
	fixed := Column{Type: Real, Bounds: []any{0, 100}, Precision: &two}
	free := Column{Type: Real, Bounds: []any{0, 1048575}}
	digit := Column{Type: Categorical, Values: []string{"1", "2"}}
	flag := Column{Type: Boolean, Values: []string{"No", "Yes"}}
	day := Column{Type: Datetime, Bounds: []any{"1970-01-01", "1971-01-01"}}
	second := Column{Type: Datetime, Bounds: []any{"1970-01-01", "1970-01-02"}, Format: "%F %T"}
	text := schema.StringLogicalType{}
	stamp := func(unit schema.TimeUnitType) schema.LogicalType { return schema.NewTimestampLogicalType(true, unit) }
	path := filepath.Join(t.TempDir(), "t.parquet")
	for n, test := range []struct {
		column   Column
		physical parquet.Type
		logical  schema.LogicalType
		values   any
		want     []uint32
	}{
		{integer, parquet.Types.Int32, nil, []int32{0, 7}, []uint32{0, 7}},
		{integer, parquet.Types.Int64, schema.NewIntLogicalType(64, true), []int64{0, 7}, []uint32{0, 7}},
		{integer, parquet.Types.Int32, schema.NewIntLogicalType(8, false), []int32{0, 7}, []uint32{0, 7}},
		{integer, parquet.Types.Double, nil, []float64{0, 7}, []uint32{0, 7}},
		{integer, parquet.Types.Float, nil, []float32{0, 7}, []uint32{0, 7}},
		{integer, parquet.Types.ByteArray, text, byteArrays("0", " 7 "), []uint32{0, 7}},
		{fixed, parquet.Types.Double, nil, []float64{1.005, 0.29}, []uint32{101, 29}},
		{fixed, parquet.Types.Float, nil, []float32{1.1, 0.29}, []uint32{110, 29}},
		{fixed, parquet.Types.Int32, nil, []int32{1, 2}, []uint32{100, 200}},
		{free, parquet.Types.Double, nil, []float64{1.4, 3}, []uint32{1, 3}},
		{free, parquet.Types.Int64, nil, []int64{1, 3}, []uint32{1, 3}},
		{digit, parquet.Types.Int64, nil, []int64{2, 1}, []uint32{1, 0}},
		{digit, parquet.Types.Double, nil, []float64{2, 1}, []uint32{1, 0}},
		{digit, parquet.Types.ByteArray, nil, byteArrays("2", "1"), []uint32{1, 0}},
		{flag, parquet.Types.Boolean, nil, []bool{true, false}, []uint32{1, 0}},
		{flag, parquet.Types.ByteArray, text, byteArrays("Yes", "No"), []uint32{1, 0}},
		{Column{Type: Categorical, Values: []string{"true", "false"}}, parquet.Types.Boolean, nil, []bool{true, false}, []uint32{0, 1}},
		{Column{Type: Boolean}, parquet.Types.Int32, nil, []int32{1, 0}, []uint32{1, 0}},
		{day, parquet.Types.Int32, schema.DateLogicalType{}, []int32{0, 31}, []uint32{0, 31}},
		{day, parquet.Types.Int64, stamp(schema.TimeUnitNanos), []int64{1, 31*86400e9 - 1}, []uint32{0, 30}},
		{day, parquet.Types.ByteArray, text, byteArrays("1970-01-01", "1970-02-01"), []uint32{0, 31}},
		{second, parquet.Types.Int64, stamp(schema.TimeUnitMillis), []int64{999, 7000}, []uint32{0, 7}},
		{second, parquet.Types.Int64, stamp(schema.TimeUnitMicros), []int64{999, 7e6}, []uint32{0, 7}},
		{second, parquet.Types.Int32, schema.DateLogicalType{}, []int32{0, 1}, []uint32{0, 86400}},
	} {
		test.column.Name = "a"
		c := compile(t, Schema{Columns: []Column{test.column}})
		writeForeign(t, path, stored{name: "a", physical: test.physical, logical: test.logical, values: test.values})
		if got := readAll(t, path, c); !reflect.DeepEqual(got[0], test.want) {
			t.Errorf("%d: %v %v: codes %v, want %v", n, test.physical, test.values, got[0], test.want)
		}
		test.column.Nullable = true
		c = compile(t, Schema{Missing: []string{"", "-9", "NaN"}, Columns: []Column{test.column}})
		writeForeign(t, path, stored{name: "a", physical: test.physical, logical: test.logical, values: test.values,
			optional: true, levels: []int16{1, 0, 1}})
		want := []uint32{test.want[0], c.Size(0) - 1, test.want[1]}
		if got := readAll(t, path, c); !reflect.DeepEqual(got[0], want) {
			t.Errorf("%d: %v %v with null: codes %v, want %v", n, test.physical, test.values, got[0], want)
		}
	}
	// Markers of missing count among stored numbers too.
	c := compile(t, Schema{Missing: []string{"-9", "NaN"}, Columns: []Column{
		{Name: "a", Type: Integer, Bounds: []any{0, 9}, Nullable: true}, {Name: "b", Type: Real, Bounds: []any{0, 9}, Nullable: true},
	}})
	writeForeign(t, path, stored{name: "a", physical: parquet.Types.Int32, values: []int32{-9}},
		stored{name: "b", physical: parquet.Types.Double, values: []float64{math.NaN()}})
	if got := readAll(t, path, c); got[0][0] != 10 || got[1][0] != curveCodes {
		t.Errorf("markers have codes %v", got)
	}
}

func TestForeignParquetErrors(t *testing.T) {
	integer := Column{Type: Integer, Bounds: []any{0, 100}}
	day := Column{Type: Datetime, Bounds: []any{"1970-01-01", "1971-01-01"}}
	path := filepath.Join(t.TempDir(), "t.parquet")
	for _, test := range []struct {
		column Column
		stored stored
		line   int
		fault  string
	}{
		{integer, stored{physical: parquet.Types.Int32, values: []int32{5, 101}}, 2, "outside the declared bounds"},
		{integer, stored{physical: parquet.Types.Int64, values: []int64{math.MinInt64}}, 1, "outside"},
		{integer, stored{physical: parquet.Types.Double, values: []float64{5, 5.5}}, 2, "declare type: real"},
		{integer, stored{physical: parquet.Types.Double, values: []float64{math.NaN()}}, 1, "not a finite number"},
		{integer, stored{physical: parquet.Types.Double, values: []float64{math.Inf(-1)}}, 1, "not a finite number"},
		{integer, stored{physical: parquet.Types.Int32, values: []int32{5}, optional: true, levels: []int16{1, 0}}, 2, "declare nullable: true"},
		{integer, stored{physical: parquet.Types.ByteArray, values: byteArrays("\xff")}, 1, "UTF-8"},
		{integer, stored{physical: parquet.Types.Boolean, values: []bool{true}}, 0, "stored as BOOLEAN"},
		{integer, stored{physical: parquet.Types.Int32, logical: schema.DateLogicalType{}, values: []int32{5}}, 0, "stored as Date"},
		{integer, stored{physical: parquet.Types.Int64, logical: schema.NewTimestampLogicalType(true, schema.TimeUnitMicros),
			values: []int64{5}}, 0, "stored as Timestamp"},
		{integer, stored{physical: parquet.Types.Int32, logical: schema.NewDecimalLogicalType(5, 2), values: []int32{5}}, 0, "stored as Decimal"},
		{integer, stored{physical: parquet.Types.Int64, logical: schema.NewDecimalLogicalType(5, 2), values: []int64{5}}, 0, "stored as Decimal"},
		{integer, stored{physical: parquet.Types.ByteArray, logical: schema.NewDecimalLogicalType(5, 2), values: byteArrays("x")}, 0,
			"stored as Decimal"},
		{integer, stored{physical: parquet.Types.FixedLenByteArray, values: []parquet.FixedLenByteArray{make([]byte, 16)}}, 0,
			"stored as FIXED_LEN_BYTE_ARRAY"},
		{integer, stored{physical: parquet.Types.Int32, values: []int32{5}, repeated: true, levels: []int16{1}}, 0, "nested or repeated"},
		{integer, stored{name: "b", physical: parquet.Types.Int32, values: []int32{5}}, 0, "declared, but not in the header"},
		{day, stored{physical: parquet.Types.Int32, values: []int32{5}}, 0, "stored as INT32"},
		{day, stored{physical: parquet.Types.Int64, values: []int64{5}}, 0, "stored as INT64"},
		{day, stored{physical: parquet.Types.Double, values: []float64{5}}, 0, "stored as DOUBLE"},
		{day, stored{physical: parquet.Types.Int32, logical: schema.DateLogicalType{}, values: []int32{-1}}, 1, `value "1969-12-31": outside`},
		{day, stored{physical: parquet.Types.Int32, logical: schema.DateLogicalType{}, values: []int32{math.MaxInt32}}, 1, "s\": not a datetime"},
	} {
		test.column.Name = "a"
		if test.stored.name == "" {
			test.stored.name = "a"
		}
		c := compile(t, Schema{Columns: []Column{test.column}})
		writeForeign(t, path, test.stored)
		_, err := Read(context.Background(), path, c, &collect{})
		var e *DataError
		if !errors.As(err, &e) || e.Line != test.line || !strings.Contains(err.Error(), test.fault) {
			t.Errorf("%+v: %v, want row %d, %q", test.stored, err, test.line, test.fault)
		}
	}
}

// Damage anywhere in the file is an error or goes unnoticed, but no panic.
func TestDamagedParquet(t *testing.T) {
	r := newRand(12)
	path := filepath.Join(t.TempDir(), "t.parquet")
	c := compile(t, mixed())
	writeAll(t, path, c, randomCodes(r, c, 100))
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 300 {
		damaged := bytes.Clone(whole)
		if n%3 == 0 {
			damaged = damaged[:r.IntN(len(damaged))]
		} else {
			for range 1 + r.IntN(4) {
				damaged[r.IntN(len(damaged))] ^= byte(1 + r.IntN(255))
			}
		}
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Read(context.Background(), path, c, &collect{})
		var e *DataError
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("%v, want a *DataError", err)
		}
	}
}

// The types on disk are those that other programs expect.
func TestParquetTypes(t *testing.T) {
	two := 2
	s := Schema{Columns: []Column{
		{Name: "id", Type: ID}, {Name: "code", Type: ID, Format: "P%d"},
		{Name: "small", Type: Integer, Bounds: []any{-5, 100}},
		{Name: "large", Type: Integer, Bounds: []any{3e9, 4e9}, Nullable: true},
		{Name: "real", Type: Real, Bounds: []any{0, 1}, Precision: &two},
		{Name: "level", Type: Ordinal, Values: []string{"a", "b"}},
		{Name: "flag", Type: Boolean, Values: []string{"No", "Yes"}},
		{Name: "day", Type: Datetime, Bounds: []any{"1960-01-01", "2020-01-01"}},
		{Name: "hour", Type: Datetime, Bounds: []any{"1960-01-01", "2020-01-01"}, Format: "%F %H"},
	}}
	path := filepath.Join(t.TempDir(), "t.parquet")
	writeAll(t, path, compile(t, s), [][]uint32{{0}, {1e9 + 1}, {29}, {1}, {1}, {0}, {1}})
	r, err := file.OpenParquetFile(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var got []string
	for i := range r.MetaData().Schema.NumColumns() {
		column := r.MetaData().Schema.Column(i)
		text := column.PhysicalType().String() + " " + column.LogicalType().String()
		if column.MaxDefinitionLevel() > 0 {
			text += " optional"
		}
		got = append(got, text)
	}
	want := []string{
		"INT64 None", "BYTE_ARRAY String", "INT32 None", "INT64 None optional", "DOUBLE None", "BYTE_ARRAY String", "BOOLEAN None", "INT32 Date",
		"INT64 Timestamp(isAdjustedToUTC=false, timeUnit=microseconds, is_from_converted_type=false, force_set_converted_type=false)",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("types\n%q, want\n%q", got, want)
	}
}
