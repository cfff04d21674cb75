package main

import (
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func newManCmd() *cobra.Command {
	dir := ""
	cmd := &cobra.Command{
		Use:   "man --out DIR",
		Short: "Write the manual pages",
		Long: `man writes a manual page for each command: cradio.1, cradio-embed.1 and so on.
Put them where man looks, such as ~/.local/share/man/man1.`,
		Example: `  cradio man --out ~/.local/share/man/man1`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dir == "" {
				return usage(cmd, "--out is missing: want the folder for the pages")
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true // pages are the same on every day
			return doc.GenManTree(root, &doc.GenManHeader{Title: "CRADIO", Section: "1", Source: "cradio " + readVersion().Version, Manual: "cradio"}, dir)
		},
	}
	cmd.Flags().StringVarP(&dir, "out", "o", "", "folder `DIR` to write to; it is made if it is not there")
	if err := cmd.MarkFlagDirname("out"); err != nil {
		panic(err)
	}
	return cmd
}
