// Package dpgan trains a generator on a private table under differential privacy, and draws
// synthetic rows from it: what the command dpgan does, for Go programs.
//
//	config, err := dpgan.ReadConfig("medical.yaml")
//	result, err := dpgan.Train(ctx, config, dpgan.File("medical.csv"), "run")
//	model, err := dpgan.Open("run/model.safetensors")
//	rows, err := model.Sample(dpgan.SampleConfig{Rows: 1000})
//
// What a run promises and what it takes for public is in docs/privacy.md, what keys a
// configuration has in the README. Errors that are the caller's to mend are a *UsageError;
// a budget that is spent, or too small, wraps ErrBudget.
//
// These names are kept from version to version; those of the packages below may change
// with any of them.
package dpgan

import (
	"github.com/dpgan/dpgan/configs"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/gan/sample"
)

// Config is a run: the table and what is publicly known of it, the privacy budget, the
// nets, the training. DefaultConfig has the values of keys that nothing is said of.
type Config = configs.Config

// Statement is what a model cost: ε, δ, and every release.
type Statement = model.Statement

// SampleConfig is what rows are wanted.
type SampleConfig = sample.Config

// Progress is how far a run is.
type Progress = gan.Progress

// ErrBudget is wrapped by errors of a privacy budget that is spent, or too small.
var ErrBudget = dpsgd.ErrBudget

// ReadConfig reads a YAML file, strictly: an unknown key, a key that stands twice and a
// value of the wrong type are errors that name the line. Paths in it are relative to it.
func ReadConfig(path string) (*Config, error) {
	config, err := configs.Read(path)
	if err != nil {
		return nil, &UsageError{err}
	}
	return config, nil
}

// DefaultConfig is the configuration of a file that says nothing.
func DefaultConfig() Config { return configs.Default() }

// UsageError is the caller's to mend: a configuration, a condition, a path.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }
func (e *UsageError) Unwrap() error { return e.Err }
