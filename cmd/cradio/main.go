package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, newRoot(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// The exit codes.
const (
	exitFailed      = 1   // some pictures failed, or a mark was missed
	exitError       = 2   // the command line is wrong, or a file cannot be read or written
	exitInterrupted = 130 // as shells report it: 128 + SIGINT
)

// run executes a command line and returns the exit code. Errors go to stderr,
// after the name of the program.
func run(ctx context.Context, root *cobra.Command, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	interrupted := ctx.Err() != nil && errors.Is(err, context.Canceled)
	if interrupted {
		var told *interruption
		if !errors.As(err, &told) {
			err = errors.New("interrupted: nothing was written")
		}
	}
	fmt.Fprintf(stderr, "cradio: %v\n", err)
	var coded interface{ ExitCode() int }
	switch {
	case interrupted:
		return exitInterrupted
	case errors.As(err, &coded):
		return coded.ExitCode()
	}
	return exitError
}

// failed is the error of a command that ran, and whose result is a failure.
type failed struct{ reason string }

func (f failed) Error() string { return f.reason }

// ExitCode implements what run looks for.
func (failed) ExitCode() int { return exitFailed }

// interruption is an error that says itself what a cancelled command leaves.
type interruption struct {
	reason string
	cause  error
}

func (i *interruption) Error() string { return i.reason }
func (i *interruption) Unwrap() error { return i.cause }
