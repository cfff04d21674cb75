package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"cradio/cpu"

	"github.com/spf13/cobra"
)

// version is what `cradio version` prints.
type version struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Time     string `json:"time,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
	Level    string `json:"level"` // of instructions, see package cpu
}

func newVersionCmd() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Version, and what it runs on",
		Long: `version prints the version of the program, the Go it was built with, and the
instructions that its kernels use. CRADIO_CPU=plain in the environment forces
portable ones.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v := readVersion()
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(v)
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s\n", v.long())
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// long is the version for people, in two lines.
func (v version) long() string {
	return fmt.Sprintf("cradio %s\n%s, %s", v.text(), v.Go, cpu.Describe())
}

// text is which program it is, in words.
func (v version) text() string {
	text := v.Version
	if v.Revision != "" {
		text += fmt.Sprintf(", commit %s of %s", v.Revision, v.Time)
	}
	if v.Modified {
		text += ", modified"
	}
	return text
}

func readVersion() version {
	level, _ := cpu.Choose() // an unknown name falls back, and Describe says so
	v := version{Version: "(unknown)", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, Level: level.String()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = s.Value
		case "vcs.time":
			v.Time = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}
