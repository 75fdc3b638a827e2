package gan

import (
	"encoding/json"
	"fmt"
	"os"
)

// metrics is the run's metrics.jsonl. It holds only what costs nothing: step
// counts, ε, learning rates, and what the discriminator says of fakes. Nothing that was
// computed from real rows is in it (see docs/privacy.md).
type metrics struct {
	file     *os.File
	insecure bool
}

type metricsLine struct {
	Step           int      `json:"step"`
	Epsilon        float64  `json:"epsilon"`
	GeneratorSteps uint64   `json:"generator_steps"`
	FakeAccuracy   *float64 `json:"fake_accuracy,omitempty"` // of the net, if there is one
	LearningRate   *float64 `json:"learning_rate,omitempty"`
	Insecure       bool     `json:"insecure,omitempty"`
}

func openMetrics(path string, insecure bool) (*metrics, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("gan: metrics: %w", err)
	}
	return &metrics{file: f, insecure: insecure}, nil
}

func (m *metrics) write(line metricsLine) error {
	line.Insecure = m.insecure
	text, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("gan: metrics: %w", err)
	}
	if _, err := m.file.Write(append(text, '\n')); err != nil {
		return fmt.Errorf("gan: metrics: %w", err)
	}
	return nil
}

func (m *metrics) close() error { return m.file.Close() }
