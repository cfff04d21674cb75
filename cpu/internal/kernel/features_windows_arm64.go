package kernel

import "golang.org/x/sys/windows"

// system asks Windows.
func system() features { return fromWindows(windows.IsProcessorFeaturePresent) }
