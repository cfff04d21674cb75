package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"
)

// childVariable makes the test binary the command itself. statusVariable names the file that it then writes its
// /proc/self/status to, at the end.
const (
	childVariable  = "CRADIO_TEST_IS_COMMAND"
	statusVariable = "CRADIO_TEST_STATUS"
)

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		if file := os.Getenv(statusVariable); file != "" {
			code := run(context.Background(), newRoot(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
			status, err := os.ReadFile("/proc/self/status")
			if err = errors.Join(err, os.WriteFile(file, status, 0o600)); err != nil {
				panic(err)
			}
			os.Exit(code)
		}
		main()
	}
	os.Exit(m.Run())
}

// child is the command in a process of its own.
func child(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), childVariable+"=1")
	return cmd
}
