package main

import (
	"fmt"

	"cradio/loader"
	"cradio/radio/data"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// maskFlags say how the values of masks are classes.
type maskFlags struct {
	zeroIgnored bool
	classMap    string
	mapped      *data.ClassMap
}

func (f *maskFlags) add(flags *pflag.FlagSet, where string) {
	flags.BoolVar(&f.zeroIgnored, "zero-ignored", false, where+"0 does not count, and class c is stored as c + 1")
	flags.StringVar(&f.classMap, "class-map", "", where+"`MAP` of values or colours to classes, as in 0:0,255:1 or #ff8000:1; or a file of it, or of a table name,r,g,b")
}

// options are those of masks of so many classes.
func (f *maskFlags) options(classes int) data.MaskOptions {
	return data.MaskOptions{Classes: classes, ZeroIgnored: f.zeroIgnored, Map: f.mapped}
}

// parse reads the map.
func (f *maskFlags) parse(cmd *cobra.Command) (err error) {
	if f.classMap == "" {
		return nil
	}
	if f.zeroIgnored {
		return usage(cmd, "--class-map and --zero-ignored: leave 0 out of the map instead")
	}
	contents, err := loader.ReadBounded(f.classMap, 1<<20)
	if err != nil {
		if f.mapped, err = data.ParseClassMap(f.classMap); err != nil {
			return usage(cmd, "%v", err)
		}
		return nil
	}
	if f.mapped, err = data.ParseClassMap(string(contents)); err != nil {
		return fmt.Errorf("%s: %w", shown(f.classMap), err)
	}
	return nil
}
