// Package metadata reads the metadata of bundles, and the manifest of a folder of bundles. It knows no
// model.
package metadata
