package main

import (
	"cmp"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// VersionOptions are the flags of dpgan version.
type VersionOptions struct{ JSON bool }

func newVersionCommand(s *streams) *cobra.Command {
	var opts VersionOptions
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version and how it was built",
		RunE:  func(*cobra.Command, []string) error { return runVersion(opts, s) },
	}
	cmd.Flags().BoolVar(&opts.JSON, "json", false, "print one JSON object")
	return cmd
}

type version struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func readVersion() version {
	v := version{Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		v.Version = cmp.Or(info.Main.Version, v.Version)
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				v.Revision = setting.Value
			}
		}
	}
	return v
}

func runVersion(opts VersionOptions, s *streams) error {
	v := readVersion()
	if opts.JSON {
		return s.json(v)
	}
	return s.print("dpgan %s (%s, %s)\n", v.Version, v.Go, v.Platform)
}
