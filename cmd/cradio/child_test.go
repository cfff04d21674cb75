package main

import (
	"os"
	"os/exec"
	"testing"
)

// childVariable makes the test binary the command itself.
const childVariable = "CRADIO_TEST_IS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
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
