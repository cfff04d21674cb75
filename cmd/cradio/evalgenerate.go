package main

import (
	"fmt"
	"strings"

	"cradio/radio/data"

	"github.com/spf13/cobra"
)

func newEvalGenerateCmd() *cobra.Command {
	opt := data.GenerateOptions{}
	var asJSON, plan bool
	cmd := &cobra.Command{
		Use:   "generate DIR",
		Short: "Draw labelled images, masks or depth maps, to try things offline",
		Long: `generate draws a small set of images into a new folder. Each image shows a shape, of any
size, at any place and angle, before a dark background of noise and stripes. Each class has
a colour of its own, which varies: features of synthetic weights can tell that, if not the
shapes.

--kind sets what comes with the images:

  labels   DIR/train/circle/, DIR/val/… and DIR/test/…: a folder for each class
  masks    DIR/images/ and DIR/masks/: PNG with a palette; class 0 is the background
  depth    DIR/images/ and DIR/depth/: PNG with 16 bits, in millimetres

The shapes are, in this order: ` + strings.Join(data.Shapes(), ", ") + `.

The same options give the same pixels.`,
		Example: `  cradio eval generate shapes
  cradio eval generate shapes --classes 8 --each 60 --pixels 96 --seed 1
  cradio eval generate masks --kind masks`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(cmd, "want one DIR to write; found %s", count(len(args), "argument"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if opt.Classes < 1 || opt.PerClass < 1 || opt.Size < 1 {
				return usage(cmd, "--classes %d, --each %d, --pixels %d: must be at least 1", opt.Classes, opt.PerClass, opt.Size)
			}
			if !plan {
				if err := data.Generate(cmd.Context(), args[0], opt); err != nil {
					return err
				}
			}
			if asJSON {
				return printJSON(cmd, generatedJSON{args[0], string(opt.Kind), opt.Classes * opt.PerClass, opt.Classes, opt.Size, plan})
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s: %s of %s, %d pixels\n", shown(args[0]), count(opt.Classes*opt.PerClass, "image"), classes(opt.Classes), opt.Size)
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVar((*string)(&opt.Kind), "kind", string(data.Labels), "what comes with the images: labels, masks or depth")
	flags.IntVar(&opt.Classes, "classes", 4, "number of shapes")
	flags.IntVar(&opt.PerClass, "each", 30, "images of each class")
	flags.IntVar(&opt.Size, "pixels", 64, "width and height")
	flags.Uint64Var(&opt.Seed, "seed", 0, "each number gives other images")
	flags.BoolVar(&asJSON, "json", false, "print the results as one JSON object")
	flags.BoolVar(&plan, "plan", false, "print what would be drawn, and draw nothing")
	complete(cmd, "kind", string(data.Labels), string(data.Masks), string(data.Depths))
	return cmd
}

// generatedJSON is the output of --json.
type generatedJSON struct {
	Dir     string `json:"dir"`
	Kind    string `json:"kind"`
	Images  int    `json:"images"`
	Classes int    `json:"classes"`
	Pixels  int    `json:"pixels"` // width and height
	Plan    bool   `json:"plan"`   // nothing was drawn
}
