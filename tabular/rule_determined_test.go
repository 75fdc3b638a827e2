package tabular_test

import (
	"reflect"
	"testing"

	"github.com/dpgan/dpgan/tabular"
	"github.com/dpgan/dpgan/tabular/tabulartest"
)

func TestDetermined(t *testing.T) {
	codec, _ := tabulartest.Small(t)
	rules, err := codec.CompileRules(tabulartest.SmallRules)
	if err != nil {
		t.Fatal(err)
	}
	got := rules.Determined()
	if d, ok := got[1]; len(got) != 1 || !ok || d.Source != 0 || d.Of(49) != 0 || d.Of(50) != 1 {
		t.Errorf("%+v", got)
	}
	if d := got[1]; !reflect.DeepEqual(d.Sources(tabular.CodeSet{{From: 1, To: 2}}), tabular.CodeSet{{From: 50, To: 100}}) {
		t.Error("sources of M are not the ages from 50")
	}
	if len((*tabular.Rules)(nil).Determined()) != 0 {
		t.Error("no rules determine a column")
	}
}
