package gan

import "time"

// report tells the observer about ten times a second, and writes a line of
// metrics, with a fresh ε, about every twentieth of the run.
func (l *run) report() error {
	done := l.state.steps()
	every := max(l.state.Steps/20, 1)
	if done%every == 0 || done == l.state.Steps {
		epsilon, err := l.budget.Epsilon()
		if err != nil {
			return err
		}
		l.epsilon = epsilon
		line := metricsLine{Step: done, Epsilon: epsilon, GeneratorSteps: l.state.GeneratorSteps}
		if l.state.NetSteps > 0 {
			accuracy, err := l.engine.FakeAccuracy()
			if err != nil {
				return err
			}
			rate := l.discriminatorRate(int(l.state.NetSteps) - 1)
			line.FakeAccuracy, line.LearningRate = &accuracy, &rate
		}
		if err := l.metrics.write(line); err != nil {
			return err
		}
	}
	l.show("discriminator", done, l.state.Steps)
	return nil
}

// show tells the observer how far a stage is, about ten times a second.
func (l *run) show(stage string, step, steps int) {
	now := time.Now()
	if now.Sub(l.shown) < 100*time.Millisecond {
		return
	}
	l.shown = now
	p := Progress{Stage: stage, Step: step, Steps: steps, Epsilon: l.epsilon, TargetEpsilon: l.settings.Privacy.TargetEpsilon}
	if taken := l.state.steps() - l.before; stage == "discriminator" {
		p.RowsPerSecond = float64(taken) / max(time.Since(l.started).Seconds(), 1e-9) * l.state.Step.BatchSize
	}
	l.observe(p)
}

func (t *Trainer) observe(p Progress) {
	if t.settings.Observe != nil {
		t.settings.Observe(p)
	}
}

// afterStep is what follows a step: a checkpoint, also of the last of the pairs, behind which
// the generator settles for long, metrics, progress.
func (l *run) afterStep() error {
	done := l.state.steps()
	if every := l.settings.CheckpointEvery; every > 0 && (done%every == 0 || done == l.Planned) {
		if err := l.checkpoint(); err != nil {
			return err
		}
	}
	return l.report()
}
