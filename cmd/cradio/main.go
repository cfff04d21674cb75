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
	exitFailed      = 1   // some images failed, or a tolerance was exceeded
	exitError       = 2   // the command line is wrong, or a file cannot be read or written
	exitInterrupted = 130 // 128 + SIGINT, as in shells
	exitClosedPipe  = 141 // 128 + SIGPIPE: the reader closed standard output
)

// run executes a command line and returns the exit code. Errors are printed on stderr, with
// the program's name before them.
func run(ctx context.Context, root *cobra.Command, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root.SetArgs(args)
	root.SetIn(stdin)
	out := &written{to: stdout}
	root.SetOut(out)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	switch lost := out.close(); {
	case nobodyReads(lost):
		return exitClosedPipe
	case err == nil && lost == nil:
		return 0
	case err == nil:
		err = lost
	case lost != nil && !errors.Is(err, lost):
		err = fmt.Errorf("%w; and %v", lost, err)
	}
	interrupted := ctx.Err() != nil && errors.Is(err, context.Canceled)
	if interrupted {
		var told *interruption
		if !errors.As(err, &told) {
			err = errors.New("interrupted: nothing was written")
		}
	}
	fmt.Fprintf(stderr, "cradio: %s\n", escapedWith(err.Error(), args))
	var coded interface{ ExitCode() int }
	switch {
	case interrupted:
		return exitInterrupted
	case errors.As(err, &coded):
		return coded.ExitCode()
	}
	return exitError
}

// failed is the error of a command that ran to its end, with a negative result.
type failed struct{ reason string }

func (f failed) Error() string { return f.reason }

// ExitCode implements what run looks for.
func (failed) ExitCode() int { return exitFailed }

// interruption is the error of a cancelled command. It describes what remains on disk.
type interruption struct {
	reason string
	cause  error
}

func (i *interruption) Error() string { return i.reason }
func (i *interruption) Unwrap() error { return i.cause }
