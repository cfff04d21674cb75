package main

import (
	"bytes"
	"fmt"
	"os"

	"cradio/bench/report"
	"cradio/loader"

	"github.com/spf13/cobra"
)

func newBenchTableCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "table FILE",
		Short: "Print the table of results from a file that --json wrote",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := readReport(args[0])
			if err != nil {
				return err
			}
			r.WriteTable(cmd.OutOrStdout())
			return nil
		},
	}
}

func newBenchPlotCmd() *cobra.Command {
	var cases []string
	var out string
	cmd := &cobra.Command{
		Use:   "plot FILE…",
		Short: "Draw the results from files that --json wrote",
		Long: `plot draws an SVG of the results that ` + "`cradio bench --json`" + ` wrote: for each case the
speed of each library, relative to the fastest of the others.`,
		Example: `  cradio bench plot bench/results/zen4.json --out zen4.svg
  cradio bench plot bench/results/*.json --case B:224:1:float32,B:224:1:int8 --out speed.svg`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(cmd, "no FILE given: must be files that cradio bench --json wrote")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			var reports []*report.Report
			for _, path := range args {
				r, err := readReport(path)
				if err != nil {
					return err
				}
				reports = append(reports, r)
			}
			var svg bytes.Buffer
			if err := report.Plot(&svg, reports, cases); err != nil {
				return err
			}
			if out == "" {
				_, err := svg.WriteTo(cmd.OutOrStdout())
				return err
			}
			return loader.WriteFile(out, loader.ByteData(svg.Bytes()))
		},
	}
	cmd.Flags().StringSliceVar(&cases, "case", nil, "draw only these cases, MODEL:SIZE:BATCH:DTYPE (default all)")
	cmd.Flags().StringVarP(&out, "out", "o", "", "write to `FILE` (default standard output)")
	return cmd
}

func readReport(path string) (*report.Report, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	r, err := report.Read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}
