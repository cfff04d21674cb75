package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"cradio/loader"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newManCmd() *cobra.Command {
	dir := ""
	cmd := &cobra.Command{
		Use:   "man --out DIR",
		Short: "Write the manual pages",
		Long: `man writes a manual page for each command: cradio.1, cradio-embed.1 and so on.
Write them to a folder that man searches, such as ~/.local/share/man/man1.`,
		Example: `  cradio man --out ~/.local/share/man/man1`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dir == "" {
				return usage(cmd, "--out is missing: give the folder for the pages")
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			for _, c := range append([]*cobra.Command{cmd.Root()}, cmd.Root().Commands()...) {
				if c.Hidden {
					continue
				}
				path := filepath.Join(dir, manName(c)+".1")
				if err := loader.WriteFile(path, func(w io.Writer) error { return writeMan(w, c) }); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVarP(&dir, "out", "o", "", "folder `DIR` to write to; it is created if needed")
	if err := cmd.MarkFlagDirname("out"); err != nil {
		panic(err)
	}
	return cmd
}

func manName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// writeMan writes the page of a command, with the macros of man(7). The help texts are
// already formatted, and are kept as they are.
func writeMan(w io.Writer, c *cobra.Command) error {
	var b strings.Builder
	section := func(title, text string) {
		if text = strings.TrimRight(text, "\n "); text != "" {
			fmt.Fprintf(&b, ".SH %s\n.nf\n%s\n.fi\n", title, roff(text))
		}
	}
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"cradio %s\" cradio\n.SH NAME\n%s \\- %s\n", strings.ToUpper(manName(c)), roff(readVersion().Version), roff(manName(c)), roff(c.Short))
	section("SYNOPSIS", c.UseLine())
	section("DESCRIPTION", c.Long)
	section("EXAMPLES", c.Example)
	b.WriteString(".SH OPTIONS\n")
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		value, use := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", roff(strings.TrimSpace(name+" "+value)), roff(use))
	})
	var others []string
	for _, o := range append([]*cobra.Command{c.Root()}, c.Root().Commands()...) {
		if o != c && !o.Hidden {
			others = append(others, manName(o)+"(1)")
		}
	}
	section("SEE ALSO", strings.Join(others, ", "))
	_, err := io.WriteString(w, b.String())
	return err
}

// roff escapes text: backslashes, hyphens, and dots or quotes at the start of a line.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}
