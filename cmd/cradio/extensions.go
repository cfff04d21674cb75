package main

import (
	"path/filepath"
	"slices"
	"strings"

	"cradio/radio/image"
)

// extensionOf is in lower case; a hidden file's name is no extension.
func extensionOf(path string) string {
	name := filepath.Base(path)
	if ext := strings.ToLower(filepath.Ext(name)); len(ext) < len(name) {
		return ext
	}
	return ""
}

// isImage says whether folders and patterns give the file. What a file holds decides how
// it is read, not its name.
func isImage(path string) bool { return slices.Contains(image.Extensions, extensionOf(path)) }
