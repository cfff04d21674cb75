package main

import (
	"os"

	"cradio/radio/data"
)

// tellClassesArePairs warns of a folder whose classes are images and their masks, or depth maps: a classifier would tell which is which.
func tellClassesArePairs(dir string) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return
	}
	for _, kind := range []struct {
		usual            [][2]string
		targets, command string
	}{{data.UsualMasks(), "masks", "segment"}, {data.UsualDepths(), "depth maps", "depth"}} {
		d, _, _, err := data.Paired(dir, data.Pairing{Usual: kind.usual})
		if err != nil || len(d.Items) == 0 {
			continue
		}
		i := d.Items[0]
		warn("%s pairs with %s, as images and their %s do: here the folders are classes; cradio train %s learns %s", shown(i.Path), shown(i.Target), kind.targets, kind.command, kind.targets)
		return
	}
}
