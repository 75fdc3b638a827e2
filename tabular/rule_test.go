package tabular

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// stays is a schema with a column of each kind that rules compare.
func stays(t testing.TB) *Codec {
	one := 1
	return compile(t, Schema{Columns: []Column{
		{Name: "id", Type: ID},
		{Name: "sex", Type: Categorical, Values: []string{"F", "M"}},
		{Name: "age", Type: Integer, Bounds: []any{0, 99}},
		{Name: "band", Type: Ordinal, Values: []string{"child", "adult", "old"}, Nullable: true},
		{Name: "pregnancies", Type: Integer, Bounds: []any{0, 12}, Nullable: true},
		{Name: "ward", Type: Categorical, Values: []string{"medicine", "obstetrics", "surgery"}},
		{Name: "admission", Type: Datetime, Bounds: []any{"2024-01-01", "2024-03-01"}},
		{Name: "operation", Type: Datetime, Bounds: []any{"2024-01-01", "2024-06-01"}, Nullable: true},
		{Name: "discharge", Type: Datetime, Bounds: []any{"2024-01-01", "2024-06-01"}},
		{Name: "paid", Type: Real, Bounds: []any{0, 50}, Precision: &one, Nullable: true},
		{Name: "cost", Type: Real, Bounds: []any{0, 50}},
		{Name: "alive", Type: Boolean},
	}})
}

const sexes, ages, bands, pregnant, wards, admitted, operated, discharged, paid, costs = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9

func term(name string, values ...string) Term { return Term{name, values} }

var bandOfAge = Rule{Dependency: "age", Determines: "band", Map: Terms{term("..17", "child"), term("65..", "old"), term("18..64", "adult")}}

var stayRules = []Rule{
	{If: Terms{term("sex", "M")}, Then: Terms{term("pregnancies", "missing")}},
	{If: Terms{term("ward", "obstetrics")}, Then: Terms{term("age", "12..60"), term("pregnancies", "1..")}},
	{Order: []string{"admission", "operation", "discharge"}},
	{Never: Terms{term("age", "0..11"), term("pregnancies", "1..12")}},
	bandOfAge,
	{Order: []string{"paid", "cost"}, Strict: true},
	{Marginal: "sex", Shares: Shares{{"F", .51}, {"M", .49}}, Confidence: 1000},
}

func mustRules(t testing.TB, c *Codec, rules ...Rule) *Rules {
	t.Helper()
	r, err := c.CompileRules(rules)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRuleErrors(t *testing.T) {
	c := stays(t)
	m := Terms{term("sex", "M")}
	for _, tt := range []struct {
		name  string
		rules []Rule
		path  string
		want  string
	}{
		{"nothing", []Rule{{}}, "rules[0]", "name one of dependency, if, order, never and marginal"},
		{"two kinds", []Rule{{If: m, Then: m, Order: []string{"age"}}}, "rules[0]", "order does not go with if, then"},
		{"no consequence", []Rule{{Never: m}, {If: m}}, "rules[1]", "then is missing"},
		{"no condition", []Rule{{Then: m}}, "rules[0]", "if is missing"},
		{"no confidence", []Rule{{Marginal: "sex", Shares: Shares{{"F", 1}}}}, "rules[0]", "confidence is missing"},
		{"no column", []Rule{{If: Terms{term("sexx", "M")}, Then: m}}, "rules[0].if[0]", `no column "sexx"; nearest is "sex"`},
		{"an id", []Rule{{Never: Terms{term("id", "1")}}}, "rules[0].never[0]", "an id, which is never learned"},
		{"no value", []Rule{{If: m, Then: Terms{term("age", "5"), term("ward", "medcine")}}}, "rules[0].then[1]", //nolint:misspell // on purpose
			`column "ward": "medcine": not a declared value; nearest is "medicine"`}, //nolint:misspell // on purpose
		{"one to order", []Rule{{Order: []string{"age"}}}, "rules[0].order", "at least two"},
		{"twice in an order", []Rule{{Order: []string{"age", "age"}}}, "rules[0].order[1]", "named twice"},
		{"order of categories", []Rule{{Order: []string{"sex", "ward"}}}, "rules[0].order[0]", "no order"},
		{"order of unlike", []Rule{{Order: []string{"age", "admission"}}}, "rules[0].order[1]", "does not compare"},
		{"no target", []Rule{{Dependency: "age"}}, "rules[0]", "determines is missing"},
		{"no map of many", []Rule{{Dependency: "age", Determines: "cost"}}, "rules[0].determines",
			`column "cost" has 1048576 values, too many to find the map: declare map`},
		{"no map in a circle", []Rule{{Dependency: "age", Determines: "band"}, {Dependency: "band", Determines: "age"}},
			"rules[0].dependency", "depends on itself"},
		{"maps itself", []Rule{{Dependency: "age", Determines: "age", Map: m}}, "rules[0].determines", "itself"},
		{"no source", []Rule{{Dependency: "agee", Determines: "band", Map: m}}, "rules[0].dependency", `nearest is "age"`},
		{"unmapped", []Rule{{Dependency: "age", Determines: "band", Map: Terms{term("0..17", "child")}}}, "rules[0].map", `no value for "18"`},
		{"mapped twice", []Rule{{Dependency: "age", Determines: "band", Map: Terms{term("0..50", "child"), term("50..", "old")}}},
			"rules[0].map[1]", `"50" of column "age" has a value already`},
		{"mapped to two", []Rule{{Dependency: "sex", Determines: "band", Map: Terms{term("F", "child", "old")}}}, "rules[0].map[0]",
			"more than one value"},
		{"bad source", []Rule{{Dependency: "sex", Determines: "band", Map: Terms{term("X", "child")}}}, "rules[0].map[0]", `column "sex": "X"`},
		{"determined twice", []Rule{bandOfAge, bandOfAge}, "rules[1].determines", "rules[0] determines"},
		{"circle", []Rule{{Dependency: "sex", Determines: "alive", Map: Terms{term("F", "true"), term("M", "false")}},
			{Dependency: "alive", Determines: "sex", Map: Terms{term("true", "F"), term("false", "M")}}}, "rules[0].dependency",
			"depends on itself"},
		{"shares above one", []Rule{{Marginal: "sex", Shares: Shares{{"F", .6}, {"M", .6}}, Confidence: 1}}, "rules[0].shares", "sum to 1.2"},
		{"shares below one", []Rule{{Marginal: "sex", Shares: Shares{{"F", .3}, {"M", .3}}, Confidence: 1}}, "rules[0].shares", "sum to 0.6"},
		{"negative share", []Rule{{Marginal: "sex", Shares: Shares{{"F", -.1}}, Confidence: 1}}, "rules[0].shares[0]", "between 0 and 1"},
		{"share twice", []Rule{{Marginal: "age", Shares: Shares{{"..20", .1}, {"20..", .9}}, Confidence: 1}}, "rules[0].shares[1]",
			"has a share already"},
		{"confidence", []Rule{{Marginal: "sex", Shares: Shares{{"F", .1}}, Confidence: -1}}, "rules[0].confidence", "above 0"},
		{"two marginals", []Rule{stayRules[6], stayRules[6]}, "rules[1].marginal", "has shares already"},
		{"no row", []Rule{{Never: Terms{term("sex", "F")}}, {Never: Terms{term("sex", "M")}}}, "rules[0]",
			"no row can keep all rules: remove or loosen one of rules[0] (never sex=F), rules[1] (never sex=M)"},
		{"no such row", []Rule{{If: m, Then: Terms{term("pregnancies", "missing")}},
			{If: m, Then: Terms{term("pregnancies", "not missing")}}}, "rules[0].if",
			"no row where sex=M can keep all rules"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := c.CompileRules(tt.rules)
			var fault *RuleError
			if !errors.As(err, &fault) || fault.Path() != tt.path || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v\nwant %s: %s", err, tt.path, tt.want)
			}
		})
	}
}

func TestRulesOfEachKind(t *testing.T) {
	c := stays(t)
	r := mustRules(t, c, stayRules...)
	if r.Len() != 6 || r.Name(0) != "if sex=M then pregnancies=missing" || r.Name(2) != "admission <= operation <= discharge" ||
		r.Name(3) != "never age=0..11 and pregnancies=1..12" || r.Name(4) != "age determines band" || r.Name(5) != "paid < cost" {
		t.Errorf("%d rules: %q", r.Len(), r.Name(0))
	}
	good := make([]uint32, 11)
	good[ages], good[bands], good[pregnant], good[paid], good[costs] = 30, 1, 2, c.Size(paid)-1, 5
	good[operated] = c.Size(operated) - 1
	set := func(pairs ...uint32) []uint32 {
		row := slices.Clone(good)
		for i := 0; i < len(pairs); i += 2 {
			row[pairs[i]] = pairs[i+1]
		}
		return row
	}
	missing := c.Size(pregnant) - 1
	costOf10, err := c.Encode(costs, "10")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		row    []uint32
		broken int // -1: none
	}{
		"good":                         {good, -1},
		"a man with pregnancies":       {set(sexes, 1), 0},
		"a man without":                {set(sexes, 1, pregnant, missing), -1},
		"obstetrics without any":       {set(wards, 1, pregnant, 0), 1},
		"obstetrics of an old woman":   {set(wards, 1, ages, 61), 1},
		"discharged early":             {set(admitted, 5, discharged, 4), 2},
		"the gap between is no excuse": {set(admitted, 5, operated, c.Size(operated)-1, discharged, 4), 2},
		"the same day":                 {set(admitted, 5, operated, 5, discharged, 5), -1},
		"a pregnant child":             {set(ages, 11, bands, 0), 3},
		"the wrong band":               {set(ages, 18, bands, 0), 4},
		"no band":                      {set(bands, 3), 4},
		"paid as much as it costs":     {set(paid, 100, costs, costOf10), 5},
		"paid less":                    {set(paid, 99, costs, costOf10), -1},
	} {
		got := -1
		for k := range r.Len() {
			if r.Broken(k, tt.row) && (got < 0 || tt.broken == k) {
				got = k
			}
		}
		if got != tt.broken || r.Kept(tt.row) != (tt.broken < 0) {
			t.Errorf("%s: breaks %d, want %d", name, got, tt.broken)
		}
	}
	if d := r.Dependencies(); len(d) != 1 || d[0].Source != ages || d[0].Target != bands || d[0].Of(17) != 0 || d[0].Of(64) != 1 ||
		d[0].Of(65) != 2 {
		t.Errorf("dependencies %+v", d)
	}
	if m := r.Marginals(); len(m) != 1 || m[0].Column != sexes || m[0].Shares[0] != .51 || m[0].Confidence != 1000 {
		t.Errorf("marginals %+v", m)
	}
}

// A chain is computed from its root, whatever the order of the rules; of two
// nullable columns the one is missing where the other is.
func TestDependenciesChain(t *testing.T) {
	values := []string{"a", "b"}
	c := compile(t, Schema{Columns: []Column{{Name: "x", Type: Categorical, Values: values, Nullable: true},
		{Name: "y", Type: Categorical, Values: values, Nullable: true}, {Name: "z", Type: Categorical, Values: values, Nullable: true}}})
	swap := Terms{term("a", "b"), term("b", "a")}
	r := mustRules(t, c, Rule{Dependency: "y", Determines: "z", Map: swap}, Rule{Dependency: "x", Determines: "y", Map: swap})
	for x, want := range [][]uint32{{0, 1, 0}, {1, 0, 1}, {2, 2, 2}} {
		row := []uint32{uint32(x), 0, 0}
		if err := r.Repair(row, nil, nil); err != nil || !slices.Equal(row, want) {
			t.Errorf("x=%d: %v, %v, want %v", x, row, err, want)
		}
	}
	// What is asked of the last one is met by the first.
	row := []uint32{0, 0, 1}
	if err := r.Repair(row, []bool{false, false, true}, nil); err != nil || !slices.Equal(row, []uint32{1, 0, 1}) {
		t.Errorf("%v, %v", row, err)
	}
}
