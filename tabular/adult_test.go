package tabular

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// adult is the schema of the UCI Adult table by its published codebook.
func adult() Schema {
	list := func(text string) []string { return strings.Split(text, "|") }
	return Schema{Columns: []Column{
		{Name: "age", Type: Integer, Bounds: []any{17, 90}},
		{Name: "workclass", Type: Categorical,
			Values: list("Private|Self-emp-not-inc|Self-emp-inc|Federal-gov|Local-gov|State-gov|Without-pay|Never-worked"), Nullable: true},
		{Name: "fnlwgt", Type: Integer, Bounds: []any{12285, 1490400}, Scale: Log},
		{Name: "education", Type: Categorical,
			Values: list("Bachelors|Some-college|11th|HS-grad|Prof-school|Assoc-acdm|Assoc-voc|9th|7th-8th|12th|Masters|1st-4th|10th|Doctorate|5th-6th|Preschool")},
		{Name: "education-num", Type: Integer, Bounds: []any{1, 16}},
		{Name: "marital-status", Type: Categorical,
			Values: list("Married-civ-spouse|Divorced|Never-married|Separated|Widowed|Married-spouse-absent|Married-AF-spouse")},
		{Name: "occupation", Type: Categorical,
			Values: list("Tech-support|Craft-repair|Other-service|Sales|Exec-managerial|Prof-specialty|Handlers-cleaners|Machine-op-inspct|Adm-clerical|Farming-fishing|Transport-moving|Priv-house-serv|Protective-serv|Armed-Forces"), Nullable: true},
		{Name: "relationship", Type: Categorical, Values: list("Wife|Own-child|Husband|Not-in-family|Other-relative|Unmarried")},
		{Name: "race", Type: Categorical, Values: list("White|Asian-Pac-Islander|Amer-Indian-Eskimo|Other|Black")},
		{Name: "sex", Type: Boolean, Values: list("Female|Male")},
		{Name: "capital-gain", Type: Integer, Bounds: []any{0, 99999}, Scale: Log, Spike: Spikes{0}},
		{Name: "capital-loss", Type: Integer, Bounds: []any{0, 4356}, Spike: Spikes{0}},
		{Name: "hours-per-week", Type: Integer, Bounds: []any{1, 99}},
		{Name: "native-country", Type: Categorical,
			Values: list("United-States|Cambodia|England|Puerto-Rico|Canada|Germany|Outlying-US(Guam-USVI-etc)|India|Japan|Greece|South|China|Cuba|Iran|Honduras|Philippines|Italy|Poland|Jamaica|Vietnam|Mexico|Portugal|Ireland|France|Dominican-Republic|Laos|Ecuador|Taiwan|Haiti|Columbia|Hungary|Guatemala|Nicaragua|Scotland|Thailand|Yugoslavia|El-Salvador|Trinadad&Tobago|Peru|Hong|Holand-Netherlands"), Nullable: true},
		{Name: "income", Type: Boolean, Values: list("<=50K|>50K")},
	}, Missing: []string{"?"}}
}

// A real table comes back cell for cell. DPGAN_DATA names the folder of it.
func TestAdult(t *testing.T) {
	dir := os.Getenv("DPGAN_DATA")
	if dir == "" {
		t.Skip("DPGAN_DATA is not set: no folder with adult_test.csv.gz")
	}
	path := filepath.Join(dir, "adult_test.csv.gz")
	c := compile(t, adult())
	columns := readAll(t, path, c)
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(columns[0]) != len(records)-1 {
		t.Fatalf("%d rows, want %d", len(columns[0]), len(records)-1)
	}
	for j := range columns {
		for i, code := range columns[j] {
			if got := string(c.AppendCell(nil, j, code)); got != strings.TrimSpace(records[i+1][j]) {
				t.Fatalf("row %d, column %q: %q, want %q", i, records[0][j], got, records[i+1][j])
			}
		}
	}
	if rows, err := Read(context.Background(), filepath.Join(dir, "adult_train.csv.gz"), c, &count{}); err != nil || rows != 32561 {
		t.Errorf("training table: %d rows, %v, want 32561", rows, err)
	}
}
