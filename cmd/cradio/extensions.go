package main

import (
	"path/filepath"
	"slices"
	"strings"

	"cradio/radio/image"
)

// extensionOf returns the extension in lower case. The name of a hidden file is not an extension.
func extensionOf(path string) string {
	name := filepath.Base(path)
	if ext := strings.ToLower(filepath.Ext(name)); len(ext) < len(name) {
		return ext
	}
	return ""
}

// isImage reports whether searches of folders and patterns include the file. The contents, not
// the name, decide how a file is decoded.
func isImage(path string) bool { return slices.Contains(image.Extensions, extensionOf(path)) }
