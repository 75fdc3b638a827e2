// Package configs is a training run as YAML describes it: Read takes a file to a Config,
// strictly, with the line and the nearest key of each mistake, and a Config has the
// domain and the settings that a trainer wants. It holds the runnable examples too, which
// travel inside the binary. It must not know of environments, flags and terminals: whoever
// has other sources lays them over what Parse reads, and decodes the whole by Decode.
package configs
