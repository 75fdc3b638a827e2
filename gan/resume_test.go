package gan

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/nets"
)

// resumed goes on with a run to its end.
func resumed(t *testing.T, s Settings, columns [][]uint32) *Result {
	t.Helper()
	s.Resume = true
	return mustTrain(t, s, columns)
}

// A run that is interrupted gives the best model so far and a checkpoint, in every
// stage, from which the rest is trained; the parts together take the steps that were
// planned, and spend no more than the target.
func TestInterruptAndResume(t *testing.T) {
	for name, c := range map[string]struct {
		mode, kind, step string
		at, pairs, net   int
		settles          bool // begun, when it is interrupted
	}{
		"the second-order discriminator": {marginal.ModePure, nets.KindSecondOrder, pairsStep, 5, 5, 0, false},
		"its last step":                  {marginal.ModePure, nets.KindSecondOrder, pairsStep, 12, 12, 0, false},
		"beside bought tables":           {marginal.ModeGAN, nets.KindSecondOrder, pairsStep, 7, 7, 0, false},
		"the generator":                  {marginal.ModePure, nets.KindSecondOrder, generatorStep, 40, 12, 0, true},
		"without a discriminator":        {marginal.ModeMarginals, nets.KindSecondOrder, generatorStep, 50, 0, 0, true},
		"before the net":                 {marginal.ModeGAN, nets.KindMLP, generatorStep, 40, 8, 0, true},
		"the net":                        {marginal.ModeGAN, nets.KindMLP, netStep, 2, 8, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			s, columns := quickSettings(t, c.mode, 2)
			s.Model.Discriminator.Kind = c.kind
			early, kept := interrupted(t, s, columns, c.step, c.at)
			if early == nil || early.StoppedBy != "interrupt" || early.Steps != c.pairs+c.net {
				t.Fatalf("of an interrupted run %+v is known", early)
			}
			drawn(t, throughFile(t, early.Model), 1, 50)
			if int(kept.PairsSteps) != c.pairs || int(kept.NetSteps) != c.net || (kept.Fitting.Steps > 0) != c.settles {
				t.Errorf("kept are %d and %d steps of the discriminators, %+v", kept.PairsSteps, kept.NetSteps, kept.Fitting)
			}
			steps := 12
			if c.mode == marginal.ModeMarginals {
				steps = 0
			}
			result := resumed(t, s, columns)
			if result.Steps != steps || result.StoppedBy != "steps" || result.Epsilon > result.TargetEpsilon || result.Epsilon != early.Epsilon {
				t.Errorf("resumed: %d steps, stopped by %s, ε %g of %g", result.Steps, result.StoppedBy, result.Epsilon, result.TargetEpsilon)
			}
			if stated, paid := result.Model.Privacy().Steps, stepsOnDisk(t, &s); stated != steps || paid != steps {
				t.Errorf("%d steps are stated and %d paid, of %d", stated, paid, steps)
			}
			after := checkpointOf(t, s)
			if net := int(after.NetSteps); (c.kind == nets.KindMLP) != (net > 0) || after.steps() != steps || !after.Fitting.Done || after.GeneratorSteps <= kept.GeneratorSteps {
				t.Errorf("in the end %d and %d steps of the discriminators, %d of the generator, %+v", after.PairsSteps, net, after.GeneratorSteps, after.Fitting)
			}
			drawn(t, result.Model, 1, 50)
			// A run that is done is done.
			if again := resumed(t, s, columns); again.Steps != steps || again.StoppedBy != "steps" || !reflect.DeepEqual(valuesOf(again.Model), valuesOf(result.Model)) {
				t.Errorf("resumed at its end: %d steps, stopped by %s", again.Steps, again.StoppedBy)
			}
			for key, change := range map[string]func(*Settings){
				"generator":     func(s *Settings) { s.Model.Generator.Latent++ },
				"discriminator": func(s *Settings) { s.Model.Discriminator.Hidden = []int{9} },
			} {
				other := s
				other.Resume = true
				change(&other)
				if _, err := train(t, context.Background(), other, columns); !errors.Is(err, ErrMismatch) {
					t.Errorf("a checkpoint of another %s was resumed: %v", key, err)
				}
			}
		})
	}
}

// Before the first step there is a model too: of single columns.
func TestInterruptedBeforeTheFirstStep(t *testing.T) {
	s, columns := quickSettings(t, marginal.ModePure, 3)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	result, err := train(t, ctx, s, columns)
	if !errors.Is(err, context.Canceled) || result == nil || result.Steps != 0 || result.StoppedBy != "interrupt" {
		t.Fatalf("%+v, %v", result, err)
	}
	const n = 4000
	women := 0.0
	for _, sex := range drawn(t, result.Model, 1, n)[1] {
		women += float64(1-sex) / n
	}
	if women < 0.4 || women > 0.6 {
		t.Errorf("a share of %.2f of F, want .5", women)
	}
	if result := resumed(t, s, columns); result.Steps != 12 {
		t.Errorf("%d steps of 12", result.Steps)
	}
}

// A generator that was interrupted goes on as if it had not been: its steps have no
// secret.
func TestSettlingGoesOn(t *testing.T) {
	for _, mode := range []string{marginal.ModePure, marginal.ModeMarginals} {
		s, columns := quickSettings(t, mode, 4)
		whole := mustTrain(t, s, columns)
		s, columns = quickSettings(t, mode, 4)
		_, kept := interrupted(t, s, columns, generatorStep, 63)
		if kept.Fitting.Done || kept.Fitting.Steps < 50 {
			t.Fatalf("%s: interrupted at %+v", mode, kept.Fitting)
		}
		if !reflect.DeepEqual(valuesOf(resumed(t, s, columns).Model), valuesOf(whole.Model)) {
			t.Errorf("%s: a run that was interrupted at %+v has another model", mode, kept.Fitting)
		}
	}
}

// A net that was interrupted goes on as it was, on rows that it sees as before.
func TestNetGoesOn(t *testing.T) {
	s, columns := quickSettings(t, marginal.ModeGAN, 4)
	s.Model.Discriminator.Kind = nets.KindMLP
	_, kept := interrupted(t, s, columns, netStep, 2)
	built := 0
	s.Engine = func(dev device.Device, gate *dpsgd.Gate, b nets.EngineConfig) (nets.Engine, error) {
		if b.Net != nil {
			built++
			for _, name := range []string{"discriminator.layer0.weight", "first/discriminator.layer0.weight", "generator.codes"} {
				if !reflect.DeepEqual(b.Initial.Tensors[name].Data(), kept.tensors[name].Data()) {
					t.Errorf("%s is not what the checkpoint holds", name)
				}
			}
			if !reflect.DeepEqual(b.Net.White.Weight, kept.tensors["whitening.weight"].Data()) {
				t.Error("the net sees rows in another way than before")
			}
			if b.Initial.NetSteps != 2 || b.Initial.Draws != kept.Draws || b.Initial.FakeShare != kept.FakeShare || kept.FakeShare == 0 {
				t.Errorf("the net goes on from %d steps, %d draws, a share of %g; kept are %+v", b.Initial.NetSteps, b.Initial.Draws, b.Initial.FakeShare, kept)
			}
		}
		return nets.NewDeviceEngine(dev, gate, b)
	}
	if resumed(t, s, columns); built != 1 {
		t.Errorf("%d nets", built)
	}
}

// crashed is a copy of the directory of a run as it is before a step of a kind.
func crashed(t *testing.T, s Settings, columns [][]uint32, kind string, step int) string {
	t.Helper()
	folder, gone := filepath.Join(t.TempDir(), "copy"), errors.New("crashed")
	s.Engine = watch{before: func(did string, n int) error {
		if did != kind || n != step {
			return nil
		}
		return errors.Join(gone, os.CopyFS(folder, os.DirFS(s.Directory)))
	}}.maker()
	if _, err := train(t, context.Background(), s, columns); !errors.Is(err, gone) {
		t.Fatal(err)
	}
	return folder
}

// After a crash in a step a run goes on from its last checkpoint. Steps behind it are
// lost, and spent, so there are never more on the ledger than were planned.
func TestResumeAfterACrash(t *testing.T) {
	const every, pairs = 3, 8
	for _, step := range []int{1, 3, 4, 8, 9, 10, 12} {
		s, columns := quickSettings(t, marginal.ModePure, 5)
		s.Model.Discriminator.Kind, s.CheckpointEvery = nets.KindMLP, every
		kind, at := pairsStep, step
		saved := (step - 1) / every * every
		if step > pairs {
			kind, at = netStep, step-pairs
			saved = max(saved, pairs) // before the net there is a checkpoint
		}
		s.Directory = crashed(t, s, columns, kind, at)
		if paid := stepsOnDisk(t, &s); paid != step {
			t.Fatalf("before step %d %d are paid", step, paid)
		}
		if c := checkpointOf(t, s); c.steps() != saved {
			t.Errorf("before step %d there is a checkpoint of %d, want %d", step, c.steps(), saved)
		}
		result := resumed(t, s, columns)
		if paid := stepsOnDisk(t, &s); paid != 12 || result.Steps != 12-(step-saved) {
			t.Errorf("after a crash in step %d, %d steps behind a checkpoint: %d are taken, and %d paid, of 12", step, step-saved, result.Steps, paid)
		}
		if result.StoppedBy != "budget" || result.Model.Privacy().Steps != 12 {
			t.Errorf("after a crash in step %d: stopped by %s, %d steps are stated", step, result.StoppedBy, result.Model.Privacy().Steps)
		}
		drawn(t, result.Model, 1, 20)
	}
}

// A crash while the generator settles loses no step that was paid for.
func TestResumeAfterACrashOfTheGenerator(t *testing.T) {
	for _, kind := range []string{nets.KindSecondOrder, nets.KindMLP} {
		s, columns := quickSettings(t, marginal.ModePure, 6)
		s.Model.Discriminator.Kind, s.CheckpointEvery = kind, 5
		s.Directory = crashed(t, s, columns, generatorStep, 40)
		result := resumed(t, s, columns)
		if paid := stepsOnDisk(t, &s); result.Steps != 12 || paid != 12 {
			t.Errorf("%s: %d steps are taken and %d paid, of 12", kind, result.Steps, paid)
		}
	}
}

// A run whose ledger is lost half way is not resumed; with what it lacks charged again
// it is, and its statement is that of the whole plan.
func TestResumeAfterALostLedger(t *testing.T) {
	s, columns := quickSettings(t, marginal.ModePure, 21)
	before, _ := interrupted(t, s, columns, pairsStep, 7)
	if err := os.Remove(filepath.Join(s.Directory, "ledger.jsonl")); err != nil {
		t.Fatal(err)
	}
	s.Resume = true
	if _, err := train(t, context.Background(), s, columns); !errors.Is(err, accounting.ErrLedger) {
		t.Fatalf("resumed beside an empty ledger: %v", err)
	}
	s.ChargeMissing = true
	result := resumed(t, s, columns)
	if got := result.Model.Privacy(); result.Epsilon != before.Epsilon || got.Steps != 12 {
		t.Errorf("claims ε=%g for %d steps, not %g for 12", result.Epsilon, got.Steps, before.Epsilon)
	}
}

// When a run is ended early, by whoever saw how it went, it has cost what was planned.
// It may go on later.
func TestEndingEarlyIsNotCheaper(t *testing.T) {
	s, columns := quickSettings(t, marginal.ModePure, 22)
	whole := mustTrain(t, s, columns)
	s, columns = quickSettings(t, marginal.ModePure, 22)
	interrupted(t, s, columns, pairsStep, 1)
	s.Training.Steps = 4
	early := resumed(t, s, columns)
	if early.Steps != 4 || early.StoppedBy != "steps" || early.Epsilon != whole.Epsilon || stepsOnDisk(t, &s) != 4 {
		t.Errorf("after %d of 12 steps, stopped by %s, ε=%g is claimed, of the plan's %g", early.Steps, early.StoppedBy, early.Epsilon, whole.Epsilon)
	}
	if p, plan := early.Model.Privacy(), whole.Model.Privacy(); p.EpsilonPLD != plan.EpsilonPLD || p.EpsilonRDP != plan.EpsilonRDP {
		t.Errorf("by pld %g is stated, of the plan's %g; by rdp %g, of %g", p.EpsilonPLD, plan.EpsilonPLD, p.EpsilonRDP, plan.EpsilonRDP)
	}
	s.Training.Steps = 12
	late := resumed(t, s, columns)
	if late.Steps != 12 || late.Epsilon != whole.Epsilon || reflect.DeepEqual(valuesOf(late.Model), valuesOf(early.Model)) {
		t.Errorf("%d of 12 steps, ε=%g, and the model is that of %d: %v", late.Steps, late.Epsilon, early.Steps, reflect.DeepEqual(valuesOf(late.Model), valuesOf(early.Model)))
	}
	s.Training.Steps = 13
	s.Resume = true
	if _, err := train(t, context.Background(), s, columns); !errors.Is(err, ErrMismatch) {
		t.Errorf("more steps than were planned: %v", err)
	}
}

// judgedEngine makes losses factor times as large as they are.
type judgedEngine struct {
	nets.Engine
	factor float64
}

func (e judgedEngine) Loss(k int) (float64, error) {
	loss, err := e.Engine.Loss(k)
	return loss * e.factor, err
}

// A net that does harm by what is held out is left out of the model, and one that does
// none is not.
func TestNetsDoNoHarm(t *testing.T) {
	for name, factor := range map[string]float64{"harmless": 0.5, "harmful": 2 * netSlack} {
		s, columns := quickSettings(t, marginal.ModePure, 7)
		s.Model.Discriminator.Kind = nets.KindMLP
		before, kept := interrupted(t, s, columns, netStep, 1)
		s.Engine = func(dev device.Device, gate *dpsgd.Gate, b nets.EngineConfig) (nets.Engine, error) {
			e, err := nets.NewDeviceEngine(dev, gate, b)
			return judgedEngine{e, factor}, err
		}
		after := resumed(t, s, columns)
		if c := checkpointOf(t, s); c.NetSteps != 4 || c.Fitting != kept.Fitting {
			t.Fatalf("%s: %d steps of the net, %+v", name, c.NetSteps, c.Fitting)
		}
		if same := reflect.DeepEqual(valuesOf(before.Model), valuesOf(after.Model)); same != (name == "harmful") {
			t.Errorf("a %s net is left out of the model: %v", name, same)
		}
	}
}

// A run that is interrupted while the discriminator still learns leaves the generator
// that followed it so far, not the one that it began with.
func TestInterruptedWhileTheDiscriminatorLearns(t *testing.T) {
	s, columns := quickSettings(t, marginal.ModePure, 10)
	s.Training.Steps = 40
	result, c := interrupted(t, s, columns, generatorStep, 3)
	if c.PairsSteps == 0 || c.PairsSteps >= 40 || c.GeneratorSteps != 3 {
		t.Fatalf("interrupted after %d steps of the discriminator and %d of the generator", c.PairsSteps, c.GeneratorSteps)
	}
	for _, name := range []string{"generator.codes", "generator.heads.bias"} {
		if got := result.Model.Generator().Tensors[name].Data(); !reflect.DeepEqual(got, c.tensors[name].Data()) {
			t.Errorf("%s is not the last one's", name)
		}
	}
}
