package main

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// Each mechanism is exported as the class and the fields by which dp_accounting knows it.
func TestExportedEvents(t *testing.T) {
	const in = `"module_name":"dp_accounting.dp_event",`
	for _, c := range []struct {
		event accounting.Event
		want  string
	}{
		{accounting.Event{Mechanism: accounting.PoissonGaussian, NoiseMultiplier: 1.5, SampleRate: 0.01, Count: 100},
			`{` + in + `"class_name":"PoissonSampledDpEvent","sampling_probability":0.01,"event":{` + in + `"class_name":"GaussianDpEvent","noise_multiplier":1.5}}`},
		{accounting.Event{Mechanism: accounting.Gaussian, NoiseMultiplier: 9, Count: 1}, `{` + in + `"class_name":"GaussianDpEvent","noise_multiplier":9}`},
		{accounting.Event{Mechanism: accounting.DiscreteGaussian, NoiseMultiplier: 20, Count: 15},
			`{` + in + `"class_name":"DiscreteGaussianDpEvent","sigma":20,"sensitivity":1,"dimension":1}`},
		{accounting.Event{Mechanism: accounting.Laplace, NoiseMultiplier: 4, Count: 2}, `{` + in + `"class_name":"LaplaceDpEvent","noise_multiplier":4}`},
		{accounting.Event{Mechanism: accounting.DiscreteLaplace, NoiseMultiplier: 4, Count: 2},
			`{` + in + `"class_name":"DiscreteLaplaceDpEvent","noise_parameter":0.25,"sensitivity":1}`},
		{accounting.Event{Mechanism: accounting.EpsilonDelta, Epsilon: 0.5, Count: 3}, `{` + in + `"class_name":"EpsilonDeltaDpEvent","epsilon":0.5,"delta":0}`},
		{accounting.Event{Mechanism: accounting.PartitionSelection, Delta: 1e-7, Count: 3}, `{` + in + `"class_name":"EpsilonDeltaDpEvent","epsilon":0,"delta":1e-7}`},
	} {
		tree, err := dpEvents([]accounting.Event{c.event})
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		var got, want map[string]any
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(c.want), &want); err != nil {
			t.Fatal(err)
		}
		one := got["events"].([]any)[0].(map[string]any)
		if got["class_name"] != "ComposedDpEvent" || one["class_name"] != "SelfComposedDpEvent" || one["count"] != float64(c.event.Count) || !reflect.DeepEqual(one["event"], any(want)) {
			t.Errorf("%+v is exported as\n%s", c.event, text)
		}
	}
	if _, err := dpEvents([]accounting.Event{{Mechanism: "magic", Count: 1}}); err == nil {
		t.Error("an unknown mechanism was exported")
	}
	if tree, err := dpEvents(nil); err != nil || tree.Events == nil {
		t.Errorf("nothing spent: %+v, %v", tree, err)
	}
}
