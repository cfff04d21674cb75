package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"cradio/cpu"

	"github.com/spf13/cobra"
)

// version is the output of `cradio version`.
type version struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Time     string `json:"time,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
	Level    string `json:"level"` // of instructions; see package cpu

	Buys map[string]string `json:"buys"` // for each --dtype: its time and memory at this level, relative to float32
}

func newVersionCmd() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version and the CPU level",
		Long: `version prints the version of the program, the version of Go that built it, and the CPU
level: the instructions that its kernels use on this machine. It also describes the speed
and memory of --dtype bfloat16 and int8 at this level. Include this output when you
report a problem.

The environment variable CRADIO_CPU selects a lower level. CRADIO_CPU=plain uses portable
Go code only.`,
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

// long formats the version for people: two lines, and one for each precision below float32.
func (v version) long() string {
	text := fmt.Sprintf("cradio %s\n%s, %s\nat level %s, compared with float32:", v.text(), v.Go, cpu.Describe(), v.Level)
	for _, p := range lowPrecision {
		text += fmt.Sprintf("\n  %-8v  %s", p, v.Buys[p.String()])
	}
	return text
}

// text describes the version in words.
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

var lowPrecision = []cpu.Form{cpu.BFloat16, cpu.Int8}

// buys describes the benefit of each precision below float32, by its --dtype name.
func buys() map[string]string {
	m := map[string]string{}
	for _, p := range lowPrecision {
		m[p.String()] = cpu.Default().Buys(p)
	}
	return m
}

func readVersion() version {
	level, _ := cpu.Choose() // an unknown name falls back, and Describe says so
	v := version{Version: "(unknown)", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, Level: level.String(), Buys: buys()}
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
