package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/cpu"
	"golang.org/x/sys/unix"
)

// tracer runs a program and does its AMX instructions.
type tracer struct {
	pid      int
	log      io.Writer
	threads  map[int]*thread
	places   map[uint64]place // decoded, by address
	funcs    functions
	leaked   int // threads that ended with tiles configured
	executed int // instructions
}

// errHasAMX is returned on a machine with AMX. Its processor executes LDTILECFG, and
// the tracer would not see the configuration.
var errHasAMX = errors.New("this machine has AMX: run the program itself")

// place is what lies at an address of the program.
type place struct {
	instruction
	tile  bool   // it is an instruction of AMX
	entry uint64 // of the function that it is in
}

// trace runs a program to its end, and returns its exit status: 128 and the
// signal's number if it died of one. Its output, and complaints, go to out and log.
func trace(args []string, out, log *os.File) (status int, t *tracer, err error) {
	if cpu.X86.HasAMXTile {
		return 0, nil, errHasAMX
	}
	runtime.LockOSThread() // a program is traced by a thread, not by a process
	defer runtime.UnlockOSThread()
	files := []uintptr{0, out.Fd(), log.Fd()}
	pid, err := syscall.ForkExec(args[0], args, &syscall.ProcAttr{Env: os.Environ(), Files: files, Sys: &syscall.SysProcAttr{Ptrace: true}})
	if err != nil {
		return 0, nil, fmt.Errorf("tracing %s: %w", args[0], err)
	}
	t = &tracer{pid: pid, log: log, threads: map[int]*thread{}, places: map[uint64]place{}, funcs: functionsOf(args[0])}
	var ws unix.WaitStatus
	if _, err := unix.Wait4(pid, &ws, 0, nil); err != nil {
		return 0, nil, err
	}
	if !ws.Stopped() {
		return 0, nil, fmt.Errorf("tracing %s: it did not stop to be traced", args[0])
	}
	t.threads[pid] = &thread{id: pid, started: true}
	if err := unix.PtraceSetOptions(pid, unix.PTRACE_O_EXITKILL|unix.PTRACE_O_TRACECLONE); err != nil {
		return 0, nil, fmt.Errorf("tracing %s: %w", args[0], err)
	}
	if err := unix.PtraceCont(pid, 0); err != nil {
		return 0, nil, err
	}
	status, err = t.loop()
	return status, t, err
}

// loop handles stops until the program is gone.
func (t *tracer) loop() (status int, err error) {
	for {
		var ws unix.WaitStatus
		id, err := wait(&ws)
		switch {
		case err == unix.EINTR:
			continue
		case err != 0:
			return 0, fmt.Errorf("waiting for the program: %w", err)
		}
		if ws.Exited() || ws.Signaled() {
			t.ended(id)
			if id != t.pid {
				continue
			}
			if ws.Signaled() {
				return 128 + int(ws.Signal()), nil
			}
			return ws.ExitStatus(), nil
		}
		signal := t.stopped(id, ws)
		if err := unix.PtraceCont(id, int(signal)); err != nil && err != unix.ESRCH { // gone meanwhile: it will be reported
			return 0, fmt.Errorf("continuing thread %d: %w", id, err)
		}
	}
}

// wait waits for any thread. The Go scheduler is not told: nothing else is to run
// here, and telling it took a fifth of the time.
func wait(ws *unix.WaitStatus) (id int, err unix.Errno) {
	whichever := -1
	r, _, err := unix.RawSyscall6(unix.SYS_WAIT4, uintptr(whichever), uintptr(unsafe.Pointer(ws)), unix.WALL, 0, 0, 0)
	return int(r), err
}

// ended forgets a thread.
func (t *tracer) ended(id int) {
	if th := t.threads[id]; th != nil && th.tiles.configured {
		t.leaked++
		fmt.Fprintf(t.log, "tilesim: thread %d ended with tiles configured by %s: TILERELEASE is missing\n", id, t.funcs.at(th.owner))
	}
	delete(t.threads, id)
}

// stopped handles a stop, and returns the signal to continue with.
func (t *tracer) stopped(id int, ws unix.WaitStatus) unix.Signal {
	th := t.threads[id]
	if th == nil {
		th = &thread{id: id}
		t.threads[id] = th
	}
	switch s := ws.StopSignal(); {
	case s == unix.SIGTRAP && ws.TrapCause() > 0: // a thread was born
		return 0
	case s == unix.SIGSTOP && !th.started: // this one
		th.started = true
		return 0
	case s == unix.SIGILL:
		return t.illegal(th)
	default:
		return s
	}
}

// illegal does the AMX instruction that th stopped at, and those that follow it
// at once. It returns the signal that the program must get.
func (t *tracer) illegal(th *thread) unix.Signal {
	var regs unix.PtraceRegs
	if err := unix.PtraceGetRegs(th.id, &regs); err != nil {
		return unix.SIGILL
	}
	at := t.place(regs.Rip)
	if !at.tile {
		return unix.SIGILL
	}
	signal := unix.Signal(0)
	for ; at.tile && signal == 0; at = t.place(regs.Rip) {
		err := th.execute(space(t.pid), at, &regs)
		var where outside
		switch {
		case err == nil:
			regs.Rip += uint64(at.size)
			t.executed++
		case errors.As(err, &where):
			signal = unix.SIGSEGV
			th.tiles = tiles{} // the kernel will not be resumed
			if err := setFault(th.id, uint64(where)); err != nil {
				fmt.Fprintf(t.log, "tilesim: %v\n", err)
			}
		default:
			signal = unix.SIGILL
			fmt.Fprintf(t.log, "tilesim: thread %d, %s: %v: %v\n", th.id, t.funcs.at(regs.Rip), at.op, err)
		}
	}
	if err := unix.PtraceSetRegs(th.id, &regs); err != nil {
		return unix.SIGILL
	}
	return signal
}

// longest is the size of an instruction at most, in bytes.
const longest = 15

// place decodes what lies at an address, once.
func (t *tracer) place(pc uint64) place {
	if p, ok := t.places[pc]; ok {
		return p
	}
	code := make([]byte, longest)
	for len(code) > 0 && space(t.pid).read(pc, code) != nil {
		code = code[:len(code)-1] // it may be the last on its page
	}
	var p place
	p.instruction, p.tile = decode(code)
	p.entry = t.funcs.entry(pc)
	t.places[pc] = p
	return p
}
