// Package train trains heads on a backbone's features, and backbones with them.
package train
