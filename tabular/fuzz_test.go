package tabular

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// Whatever a CSV file holds, it is refused with a *DataError or read; what was
// read is written and read again as the same codes.
func FuzzReadCSV(f *testing.F) {
	for _, seed := range []string{
		"", "\n", "id,age,cost,sex\n", "id,age,cost,sex\n1,20,1.50,male\n", "sex,cost,age,id\r\nfemale,NA,99,x\r\n",
		"\uFEFFid,age,cost,sex\n\"a\"\"b\",20,NA,\"male\"\n", "id,age,cost,sex\n1,20,1e1,male\n\n1,20.0,+.5,female",
		"id,age,cost,sex\n1,\"20", "id,age,cost,sex\n1,2\"0,1,male\n", "id,age,cost\n1,2,3\n", "id,age,cost,sex\n1,20,1,m\xffle\n",
		"\x1f\x8b", "PAR1",
	} {
		f.Add([]byte(seed))
	}
	c := compile(f, sample())
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "t.csv")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		var first, second collect
		if _, err := Read(context.Background(), path, c, &first); err != nil {
			var e *DataError
			if !errors.As(err, &e) || e.Reason == "" {
				t.Fatalf("%v, want a *DataError", err)
			}
			return
		}
		writeAll(t, path, c, first.columns)
		if _, err := Read(context.Background(), path, c, &second); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(first, second) {
			t.Fatalf("codes %v come back as %v", first, second)
		}
	})
}

// Whatever a schema declares, it is refused or compiles to a codec whose first,
// last and middle codes survive as text, and which survives JSON.
func FuzzCompile(f *testing.F) {
	r := newRand(13)
	for range 20 {
		s := randomSchema(r)
		data, err := json.Marshal(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"columns":[{"name":"a","type":"real","bounds":[0,1e300],"scale":"log","spike":0}]}`))
	f.Add([]byte(`{"missing":["?"],"columns":[{"name":"a","type":"datetime","bounds":["0001-01-01","9999-12-31"]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var s Schema
		if json.Unmarshal(data, &s) != nil {
			return
		}
		c, err := s.Compile()
		if err != nil {
			return
		}
		for j := range c.Learned() {
			size := c.Size(j)
			checkEdges(t, c, j, c.FineEdges(j))
			for _, code := range []uint32{0, 1, size / 2, size - 2, size - 1} {
				code = min(code, size-1)
				text := string(c.AppendCell(nil, j, code))
				if back, err := c.Encode(j, text); err != nil || back != code {
					t.Fatalf("%s: code %d is written as %q, which is code %d, %v", data, code, text, back, err)
				}
			}
		}
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var back Codec
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if again, err := json.Marshal(&back); err != nil || !bytes.Equal(text, again) {
			t.Fatalf("%s becomes %s, %v", text, again, err)
		}
	})
}

// Whatever a Parquet file holds, it is refused with a *DataError or read.
func FuzzReadParquet(f *testing.F) {
	c := compile(f, sample())
	path := filepath.Join(f.TempDir(), "t.parquet")
	writeAll(f, path, c, randomCodes(newRand(14), c, 5))
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte("PAR1PAR1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "t.parquet")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		var e *DataError
		if _, err := Read(context.Background(), path, c, &collect{}); err != nil && !errors.As(err, &e) {
			t.Fatalf("%v, want a *DataError", err)
		}
	})
}
