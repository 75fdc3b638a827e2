package dpgan_test

import (
	"context"
	"fmt"
	"iter"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/dpgan/dpgan"
	"github.com/dpgan/dpgan/tabular"
)

// visits makes up a table of 2,000 visits, of which older patients stay longer.
func visits() iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for i := range 2000 {
			age := 20 + i%60
			stay := "short"
			if age >= 50 {
				stay = "long"
			}
			if !yield([]string{strconv.Itoa(i), strconv.Itoa(age), stay}, nil) {
				return
			}
		}
	}
}

// visitsConfig says what is publicly known of visits, and what a run may spend.
func visitsConfig() *dpgan.Config {
	config := dpgan.DefaultConfig()
	config.Data.Columns = []tabular.Column{
		{Name: "id", Type: tabular.ID},
		{Name: "age", Type: tabular.Integer, Bounds: []any{18, 99}},
		{Name: "stay", Type: tabular.Categorical, Values: []string{"short", "long"}},
	}
	config.Data.Target = "stay"
	config.Privacy.TargetEpsilon = 3
	return &config
}

// trained is a model of visits; the folder of its run is gone.
var trained = sync.OnceValue(func() *dpgan.Result {
	folder, err := os.MkdirTemp("", "dpgan")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	result, err := dpgan.Train(context.Background(), visitsConfig(), dpgan.Records(visits()), filepath.Join(folder, "run"))
	if err != nil {
		panic(err)
	}
	return result
})

// A table in memory is trained on, and rows are drawn from the file of the model.
func Example() {
	out, err := os.MkdirTemp("", "dpgan")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(out)
	result, err := dpgan.Train(context.Background(), visitsConfig(), dpgan.Records(visits()), filepath.Join(out, "run"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("spent ε=%.2f of %g\n", result.Epsilon, result.TargetEpsilon)

	model, err := dpgan.Open(result.Path)
	if err != nil {
		log.Fatal(err)
	}
	rows, err := model.Sample(dpgan.SampleConfig{Rows: 100, Where: []string{"age=60..70"}})
	if err != nil {
		log.Fatal(err)
	}
	long := 0
	for row, err := range rows.Records() {
		if err != nil {
			log.Fatal(err)
		}
		if row[2] == "long" {
			long++
		}
	}
	fmt.Println(model.Columns())
	fmt.Println("most of the older stay long:", long > 80)
	// Output:
	// spent ε=3.00 of 3
	// [id age stay]
	// most of the older stay long: true
}

// A sample is written like the table that was trained on.
func ExampleSample_WriteFile() {
	result := trained()
	rows, err := result.Model.Sample(dpgan.SampleConfig{Rows: 10, Balance: "stay"})
	if err != nil {
		log.Fatal(err)
	}
	path := filepath.Join(os.TempDir(), fmt.Sprintf("visits-%d.csv", os.Getpid()))
	defer os.Remove(path)
	if err := rows.WriteFile(path); err != nil {
		log.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.Count(string(text), "\n"), "lines, the first of them", strings.SplitN(string(text), "\n", 2)[0])
	// Output:
	// 11 lines, the first of them id,age,stay
}

// What a model cost travels with it.
func ExampleModel_Privacy() {
	result := trained()
	statement := result.Model.Privacy()
	fmt.Println(statement.Adjacency)
	for _, event := range statement.Events {
		fmt.Println(event.Stage, "-", event.Purpose)
	}
	// Output:
	// add or remove one row
	// marginals - fine tables to cut numbers by
	// marginals - 1-way tables
	// marginals - joint tables
	// discriminator - DP-SGD steps
}
