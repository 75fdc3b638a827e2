package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

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

// origin is the place that last set a key.
type origin struct {
	place string // "medical.yaml:12", "--set", "DPGAN_RUNTIME_DEVICE"
	file  bool
	zero  bool // 0 is written where Go's zero is auto
}

// origins maps dotted keys to the place that last set them.
type origins map[string]origin

// of is the place of key, or of the nearest section above it that a place set.
func (o origins) of(key string) string {
	for key != "" {
		if at, ok := o[key]; ok {
			return at.place
		}
		key = key[:max(strings.LastIndexAny(key, ".["), 0)]
	}
	return ""
}

// loadConfig merges the sources and decodes them. Unknown keys, wrong types,
// duplicate keys and values that no run can have are errors, all of them reported at once.
func loadConfig(src configSources) (*Config, error) {
	text, err := readConfigFile(src.file)
	if err != nil {
		return nil, usageError(err)
	}
	config, from, err := mergeConfig(text, src)
	if err != nil {
		return nil, usageError(err)
	}
	if err := errors.Join(config.validate(from), config.checkRules(from)); err != nil {
		return nil, usageError(err)
	}
	return config, config.resolvePaths(src.file, from)
}

// mergeConfig lets viper hold one layer a source. Every value is checked
// against the type of its key before viper sees it, because viper lowercases
// keys and its decoder knows neither files nor lines.
func mergeConfig(text []byte, src configSources) (*Config, origins, error) {
	v := viper.New()
	from := origins{}
	setDefaults(v, reflect.ValueOf(defaultConfig()), "")

	tree, err := parseConfig(src.file, text, from)
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
		errs = append(errs, override(v, origin{place: "--set"}, strings.TrimSpace(key), value, from))
	}
	for _, f := range src.flags {
		errs = append(errs, override(v, origin{place: "--" + f.flag}, f.key, f.value, from))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, nil, err
	}
	var config Config
	if err := v.Unmarshal(&config, viper.DecodeHook(decodeText)); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", src.file, err)
	}
	from.markZeros(v)
	return &config, from, nil
}

// markZeros marks the keys whose zero is written out, as only auto may be decoded to it.
func (o origins) markZeros(v *viper.Viper) {
	for key, typ := range configKeys() {
		if typ != reflect.TypeFor[*atLeastOne]() {
			continue
		}
		if n, err := textValue("", key, fmt.Sprint(v.Get(key)), typ); err == nil && n == 0 {
			at := o[key]
			at.zero = true
			o[key] = at
		}
	}
}

// setDefaults registers every leaf of section under its dotted key; what
// the program is to choose is the word auto.
func setDefaults(v *viper.Viper, section reflect.Value, prefix string) {
	for _, f := range sectionKeys(section.Type()) {
		value, key := section.FieldByIndex(f.index), prefix+f.name
		switch {
		case f.typ.Kind() == reflect.Struct:
			setDefaults(v, value, key+".")
		case f.typ.Kind() == reflect.Pointer && value.IsZero():
			v.SetDefault(key, auto)
		default:
			v.SetDefault(key, value.Interface())
		}
	}
}

// override sets a key above file and environment; a later call wins.
func override(v *viper.Viper, at origin, key, value string, from origins) error {
	if err := checkText(at.place, key, value); err != nil {
		return err
	}
	v.Set(key, value)
	from[key] = at
	return nil
}

// bindEnvironment binds every key to its variable, and refuses a variable that
// starts like a section but names no key. An empty variable counts as unset.
func bindEnvironment(v *viper.Viper, environ []string, from origins) error {
	variables := map[string]string{}
	for key := range configKeys() {
		variables[envName(key)] = key
	}
	var errs []error
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		key, known := variables[name]
		switch {
		case !strings.HasPrefix(name, envPrefix) || value == "":
		case known:
			if err := checkText(name, key, value); err != nil {
				errs = append(errs, err)
				continue
			}
			if err := v.BindEnv(key, name); err != nil {
				return err
			}
			from[key] = origin{place: name}
		case startsLikeSection(name):
			errs = append(errs, fmt.Errorf("environment variable %s: unknown key%s", name, suggest(name, slices.Collect(maps.Keys(variables)))))
		}
	}
	return errors.Join(errs...)
}

func envName(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

func startsLikeSection(name string) bool {
	for _, f := range sectionKeys(reflect.TypeFor[Config]()) {
		if strings.HasPrefix(name, envName(f.name)+"_") {
			return true
		}
	}
	return false
}

// environment is what the process was started with, for configSources.
func environment() []string { return os.Environ() }
