package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/dpgan/dpgan/configs"
	"github.com/spf13/viper"
)

// envPrefix starts the environment variable of every key:
// privacy.target_epsilon is DPGAN_PRIVACY_TARGET_EPSILON.
const envPrefix = "DPGAN_"

// configSources are where values come from, in ascending order of precedence,
// above the defaults: the file, the environment, --set, the flags.
type configSources struct {
	file    string
	environ []string // as os.Environ
	set     []string // key=value
	flags   []setting
}

// setting is one key set by a flag of its own, such as --device.
type setting struct{ flag, key, value string }

// loadConfig merges the sources and decodes them. Unknown keys, wrong types,
// duplicate keys and values that no run can have are errors, all of them reported at once.
func loadConfig(src configSources) (*configs.Config, error) {
	text, err := configs.ReadText(src.file)
	if err != nil {
		return nil, usageError(err)
	}
	config, from, err := mergeConfig(text, src)
	if err != nil {
		return nil, usageError(err)
	}
	if err := errors.Join(config.Validate(from), config.CheckRules(from)); err != nil {
		return nil, usageError(err)
	}
	return config, config.ResolvePaths(from)
}

// mergeConfig lets viper hold one layer a source. Every value is checked
// against the type of its key before viper sees it, because viper lowercases
// keys and knows neither files nor lines.
func mergeConfig(text []byte, src configSources) (*configs.Config, *configs.Origins, error) {
	v := viper.New()
	tree, from, err := configs.Parse(src.file, text)
	if err == nil {
		err = v.MergeConfigMap(tree)
	}
	errs := []error{err, bindEnvironment(v, src.environ, from)}
	for _, pair := range src.set {
		key, value, found := strings.Cut(pair, "=")
		if !found {
			errs = append(errs, fmt.Errorf("--set %s: must be key=value, such as privacy.target_epsilon=3", pair))
			continue
		}
		errs = append(errs, override(v, "--set", strings.TrimSpace(key), value, from))
	}
	for _, f := range src.flags {
		errs = append(errs, override(v, "--"+f.flag, f.key, f.value, from))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, nil, err
	}
	config, err := configs.Decode(v.AllSettings(), from)
	return config, from, err
}

// override sets a key above file and environment; a later call wins.
func override(v *viper.Viper, place, key, value string, from *configs.Origins) error {
	if err := from.Set(place, key, value); err != nil {
		return err
	}
	v.Set(key, value)
	return nil
}

// bindEnvironment binds every key to its variable, and refuses a variable that
// starts like a section but names no key. An empty variable counts as unset.
func bindEnvironment(v *viper.Viper, environ []string, from *configs.Origins) error {
	keys := map[string]string{}
	var names []string
	for _, key := range configs.Keys() {
		keys[envName(key)] = key
		names = append(names, envName(key))
	}
	var errs []error
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		key, known := keys[name]
		switch {
		case !strings.HasPrefix(name, envPrefix) || value == "":
		case known:
			errs = append(errs, from.Set(name, key, value), v.BindEnv(key, name))
		case startsLikeSection(name):
			errs = append(errs, fmt.Errorf("environment variable %s: unknown key%s", name, suggest(name, names)))
		}
	}
	return errors.Join(errs...)
}

func envName(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

func startsLikeSection(name string) bool {
	for _, key := range configs.Keys() {
		section, _, _ := strings.Cut(key, ".")
		if strings.HasPrefix(name, envName(section)+"_") {
			return true
		}
	}
	return false
}

// environment is what the process was started with, for configSources.
func environment() []string { return os.Environ() }
