package cmd

import (
	"context"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"

	"muster/pkg/term"
)

// Main runs muster with this process's arguments and streams, and gives its exit code.
func Main() int { return mainWith(func(*app) {}) }

// mainWith is Main for an app that is prepared in some way.
func mainWith(prepare func(*app)) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	app := newApp(term.System(os.Getenv), os.Getenv)
	app.environ = os.Environ
	muteDependencies()
	// A reader that has gone away is an error of the write, and no reason to leave a lab behind.
	signal.Ignore(syscall.SIGPIPE)
	app.setUp = func() {
		tuneGC(os.Getenv)
		app.listen(cancel)
	}
	prepare(app)
	return app.run(ctx, os.Args[1:])
}

// listen begins to receive signals, which end a command through cancel unless they are attended to.
func (a *app) listen(cancel func()) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, terminationSignals()...)
	go a.interrupts.dispatch(signals, func() {
		// The next one ends the process at once, but for a closed terminal, which is told of more than once.
		signal.Reset(os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
		cancel()
	})
	// From here on it is caught, not ignored: the lab's scripts would inherit that.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
}

// muteDependencies points os.Stdout, os.Stderr and the standard logger at nothing, for muster writes to its streams alone.
// What the libraries print would stand in the middle of a document, and tells secrets: with DEBUG=dara the core library
// prints every request, its signature and the script's parameters included, and the credentials library prints what a
// helper program answers. A nil file, where there is no null device, refuses what is written. os.OpenFile would begin to poll.
func muteDependencies() {
	var null *os.File
	if fd, err := syscall.Open(os.DevNull, syscall.O_WRONLY|syscall.O_CLOEXEC, 0); err == nil {
		null = os.NewFile(uintptr(fd), os.DevNull)
	}
	os.Stdout, os.Stderr = null, null
	log.SetOutput(io.Discard)
}

// terminationSignals are the signals on which a command comes to its end by itself, a lab's scripts with it. A terminal that closes
// is one, unless nohup is to have that ignored.
func terminationSignals() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}
