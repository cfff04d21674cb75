//go:build !amd64

package kernel

func accelerated() []*Table { return nil }
