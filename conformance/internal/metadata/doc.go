// Package metadata reads the metadata of bundles, and the manifest of a folder of bundles. It does not
// need a model.
package metadata
