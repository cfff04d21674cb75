package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// Process is an Entrant in a process of its own, which answers on a pipe.
type Process struct {
	name    string
	folder  string
	threads int
	device  string
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *json.Decoder
	said    *tail
	ended   func() error // waits for the end of the process
}

// StartProcess starts a worker. folder contains the model folders, by name.
func StartProcess(name, folder string, threads int, env []string, command ...string) (*Process, error) {
	p := &Process{name: name, folder: folder, threads: threads, said: &tail{}}
	p.cmd = exec.Command(command[0], command[1:]...)
	p.cmd.Env = env
	p.cmd.Stderr = p.said
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p.out = json.NewDecoder(out)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p.ended = sync.OnceValue(p.cmd.Wait)
	return p, nil
}

// Name implements Entrant.
func (p *Process) Name() string { return p.name }

// PID implements Entrant.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Prepare implements Entrant.
func (p *Process) Prepare(ctx context.Context, c Case) (*Ready, error) {
	a, err := p.ask(ctx, Ask{Do: "case", Folder: p.folder, Threads: p.threads, Device: p.device, Case: &c})
	if err != nil {
		return nil, err
	}
	if a.Ready == nil {
		return nil, fmt.Errorf("%s: the answer has no summary", p.name)
	}
	return a.Ready, nil
}

// Run implements Entrant.
func (p *Process) Run(ctx context.Context, n int) (time.Duration, error) {
	a, err := p.ask(ctx, Ask{Do: "run", N: n})
	if err != nil {
		return 0, err
	}
	if a.Seconds <= 0 {
		return 0, fmt.Errorf("%s: %d runs took %v s", p.name, n, a.Seconds)
	}
	return time.Duration(a.Seconds * float64(time.Second)), nil
}

// ask sends a line and waits for the answer. The process ends when ctx is done.
func (p *Process) ask(ctx context.Context, ask Ask) (*Answer, error) {
	defer context.AfterFunc(ctx, func() { p.cmd.Process.Kill() })()
	var a Answer
	err := json.NewEncoder(p.in).Encode(ask)
	if err == nil {
		err = p.out.Decode(&a)
	}
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%s: %w", p.name, ctx.Err())
	case err != nil:
		p.cmd.Process.Kill()
		p.ended() // its last output becomes part of the error
		return nil, fmt.Errorf("%s: the process ended (%w)%s", p.name, err, p.said)
	case a.Error != "":
		return nil, errors.New(a.Error)
	}
	return &a, nil
}

// Close ends the process.
func (p *Process) Close() error {
	p.in.Close()
	end := time.AfterFunc(10*time.Second, func() { p.cmd.Process.Kill() })
	defer end.Stop()
	err := p.ended()
	if status := new(exec.ExitError); errors.As(err, &status) {
		return nil // the exit status of a worker does not matter after its answers
	}
	return err
}

// tail keeps the end of a process's output, for an error message.
type tail struct {
	mu   sync.Mutex
	data []byte
}

const tailBytes = 600

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.data = append(t.data, p...)
	if n := len(t.data) - tailBytes; n > 0 {
		t.data = append(t.data[:0], t.data[n:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := bytes.TrimSpace(t.data)
	if len(lines) == 0 {
		return ""
	}
	return ": " + strings.ReplaceAll(string(lines), "\n", " | ")
}
