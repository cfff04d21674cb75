//go:build !unix

package main

import "io/fs"

func keyOf(fs.FileInfo) (folderKey, bool) { return folderKey{}, false }
