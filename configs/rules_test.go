package configs

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/internal/cohort"
	"github.com/dpgan/dpgan/tabular"
)

// ruledConfig is a config that rules can be appended to, from line 12 on.
const ruledConfig = `data:
  path: table.csv
  columns:
    - {name: Sex, type: categorical, values: [F, M]}
    - {name: Age, type: integer, bounds: [0, 99]}
    - {name: Band, type: ordinal, values: [child, Adult, "3"], nullable: true}
    - {name: in.Ward, type: datetime, bounds: ["2024-01-01", "2024-12-31"]}
    - {name: Out, type: datetime, bounds: ["2024-01-01", "2024-12-31"], nullable: true}
    - {name: Cost, type: real}
privacy: {discovery: {bounds: 0.1}}
rules:
`

// Keys of mappings keep their case, order and text, which viper alone would not.
func TestRulesAreRead(t *testing.T) {
	config, _ := mustLoad(t, ruledConfig+`
  - dependency: Age
    determines: Band
    map: {0..17: child, 18..64: Adult, 65..: 3}
  - {if: {Sex: M}, then: {Band: [missing, Adult], Age: not missing}}
  - {order: [in.Ward, Out], strict: true}
  - {never: {in.Ward: 2024-01-01, Sex: F}}
  - {marginal: Sex, shares: {F: 0.51, M: .49}, confidence: 1e3}
`)
	want := RuleList{
		{Dependency: "Age", Determines: "Band", Map: tabular.Terms{{Name: "0..17", Values: []string{"child"}},
			{Name: "18..64", Values: []string{"Adult"}}, {Name: "65..", Values: []string{"3"}}}},
		{If: tabular.Terms{{Name: "Sex", Values: []string{"M"}}},
			Then: tabular.Terms{{Name: "Band", Values: []string{"missing", "Adult"}}, {Name: "Age", Values: []string{"not missing"}}}},
		{Order: []string{"in.Ward", "Out"}, Strict: true},
		{Never: tabular.Terms{{Name: "in.Ward", Values: []string{"2024-01-01"}}, {Name: "Sex", Values: []string{"F"}}}},
		{Marginal: "Sex", Shares: tabular.Shares{{Name: "F", Share: .51}, {Name: "M", Share: .49}}, Confidence: 1000},
	}
	if !reflect.DeepEqual(config.Rules, want) {
		t.Fatalf("got  %+v\nwant %+v", config.Rules, want)
	}
	text, err := config.YAML()
	if err != nil {
		t.Fatal(err)
	}
	again, _ := mustLoad(t, string(text))
	if !reflect.DeepEqual(again.Rules, want) {
		t.Errorf("the resolved config\n%s\nholds %+v", text, again.Rules)
	}
	// Golden: a rule a line, texts quoted only where YAML would read another type.
	const golden = `rules:
  - {dependency: Age, determines: Band, map: {0..17: child, 18..64: Adult, 65..: "3"}}
  - {if: {Sex: M}, then: {Band: [missing, Adult], Age: not missing}}
  - {order: [in.Ward, Out], strict: true}
  - {never: {in.Ward: "2024-01-01", Sex: F}}
  - {marginal: Sex, shares: {F: 0.51, M: 0.49}, confidence: 1000}
`
	if !strings.Contains(string(text), golden) {
		t.Errorf("the resolved config\n%s\nlacks\n%s", text, golden)
	}
}

func TestRulesFromAText(t *testing.T) {
	without := strings.TrimSuffix(ruledConfig, "rules:\n")
	if config, _ := mustLoad(t, without, "rules=[{order: [in.Ward, Out]}]"); len(config.Rules) != 1 || len(config.Rules[0].Order) != 2 {
		t.Errorf("%+v", config.Rules)
	}
	if _, _, err := load(t, without, "rules=[{order: [in.Ward, Outt]}]"); err == nil || !strings.Contains(err.Error(), `--set: tabular: rules[0].order: no column "Outt"`) {
		t.Errorf("%v", err)
	}
}

func TestRuleFaults(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"unknown key", "  - {iff: {Sex: M}}\n", `c.yaml:12: unknown key "rules[0].iff"; did you mean rules[0].if?`},
		{"no list", "  if: {Sex: M}\n", `c.yaml:12: rules={…}: must be a list of sections with the keys dependency,`},
		{"text for a mapping", "  - {if: Sex, then: {Age: 5}}\n", `c.yaml:12: rules[0].if="Sex": must be a mapping { : , }, each to a text or a list of texts`},
		{"list for a mapping", "  - {never: [Sex]}\n", `c.yaml:12: rules[0].never=[…]: must be a mapping`},
		{"nested mapping", "  - {never: {Sex: {a: b}}}\n", `c.yaml:12: rules[0].never.Sex={…}: must be a list [ , ], each a text`},
		{"text for a share", "  - {marginal: Sex, shares: {F: much}, confidence: 1}\n", `rules[0].shares.F="much": must be a number`},
		{"name twice", "  - never:\n      Sex: F\n      Sex: M\n", `c.yaml:14: rules[0].never: "Sex" stands in line 13 already`},
		{"no text for a name", "  - {never: {[a]: b}}\n", `rules[0].never: a name is […]: must be a text`},
		{"unknown column", "  - {order: [in.Ward, Out]}\n  - {never: {Sex: F, Agee: 5}}\n", `c.yaml:13: tabular: rules[1].never: no column "Agee"; nearest is "Age"`},
		{"unknown value", "  - dependency: Age\n    determines: Band\n    map:\n      0..17: child\n      18..: Adlut\n", //nolint:misspell // on purpose
			`c.yaml:16: tabular: rules[0].map: column "Band": "Adlut": not a declared value; nearest is "Adult"`},
		{"unknown order", "  - order:\n    - in.Ward\n    - Inn\n", `c.yaml:14: tabular: rules[0].order: no column "Inn"`},
		{"two kinds", "  - {never: {Sex: F}, order: [in.Ward, Out]}\n", `c.yaml:12: tabular: rules[0]: `},
		{"value to be found", "  - {never: {Cost: 5.., Sex: F}}\n", `c.yaml:12: tabular: rules[0].never: column "Cost": its bounds are not declared`},
		{"map to be found", "  - {dependency: Sex, determines: Cost, map: {F: 1, M: 2}}\n", `c.yaml:12: tabular: rules[0].determines: column "Cost": its bounds`},
		{"contradiction", "  - {never: {Sex: F}}\n  - {never: {Sex: M}}\n", `c.yaml:12: tabular: rules[0]: no row can keep all rules: remove or loosen one of rules[0] (never Sex=F), rules[1] (never Sex=M)`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := load(t, ruledConfig+tt.text)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v\nwant   %s", err, tt.want)
			}
		})
	}
}

func TestConfigsDeclareRules(t *testing.T) {
	for name, text := range map[string][]byte{"medical": Medical, "adult": Adult, "diabetes130": Diabetes130} {
		if config, _ := mustLoad(t, string(text)); len(config.Rules) == 0 {
			t.Errorf("%s declares no rule", name)
		}
	}
}

// counter counts the rows that break a rule.
type counter struct {
	rules        *tabular.Rules
	rows, broken int
}

func (c *counter) Append(columns [][]uint32) error {
	row := make([]uint32, len(columns))
	for i := range columns[0] {
		for j := range row {
			row[j] = columns[j][i]
		}
		c.rows++
		if !c.rules.Kept(row) {
			c.broken++
		}
	}
	return nil
}

func countBroken(t *testing.T, text []byte, table string) {
	t.Helper()
	config, _ := mustLoad(t, string(text))
	schema := config.Data.Schema()
	codec, err := schema.Compile()
	if err != nil {
		t.Fatal(err)
	}
	rules, err := codec.CompileRules(config.Rules)
	if err != nil {
		t.Fatal(err)
	}
	sink := &counter{rules: rules}
	if _, err := tabular.Read(t.Context(), table, codec, sink); err != nil {
		t.Fatal(err)
	}
	if sink.rows == 0 || sink.broken > 0 {
		t.Errorf("%s: %d of %d rows break a rule", table, sink.broken, sink.rows)
	}
}

// The rules of the demo are true of every table that the simulation can write.
func TestRulesHoldInTheDemoTable(t *testing.T) {
	table := filepath.Join(t.TempDir(), "medical.csv")
	f, err := os.Create(table)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(cohort.Write(f, cohort.Rows, 2), f.Close()); err != nil {
		t.Fatal(err)
	}
	countBroken(t, Medical, table)
}

// What the codebooks say of the published tables is true of them.
func TestRulesHoldInTheRealTables(t *testing.T) {
	folder := os.Getenv("DPGAN_DATA")
	if folder == "" {
		t.Skip("DPGAN_DATA is not set: it names the folder of real tables")
	}
	for file, text := range map[string][]byte{"adult_train.csv.gz": Adult, "adult_test.csv.gz": Adult, "diabetes130.csv.gz": Diabetes130} {
		countBroken(t, text, filepath.Join(folder, file))
	}
}
