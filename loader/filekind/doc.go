// Package filekind says in words what a file really is, by its first bytes and before anything parses it.
//
// Start at [Describe]. A file is often not what its name says: a pointer that git-lfs left, the web page of a login, a
// checkpoint where a config should be. A reader that meets one says what it is and the command that helps, instead of
// "bad header". [Of] is the same for code that wants to choose by it.
//
// Nothing here reads a file, and nothing is believed: a kind is a guess for a message, and the parser decides.
package filekind
