// Package filekind tells what a file really is, from its first bytes.
//
//	what, do, ok := filekind.Describe(head) // "a web page (HTML)", "check the address, …"
//
// A file is often not what its name says: a git-lfs pointer, a login page, a checkpoint instead of a config. [Describe]
// says what it is and what to do about it, for an error that is better than "bad header". [Of] returns the same as a
// [Kind], for code that decides by it.
//
// The kind is a guess from the first bytes. This package does not open or parse files.
package filekind
