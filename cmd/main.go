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

// Main runs muster with this process's arguments and streams, and returns its exit code.
func Main() int { return mainWith(func(*app) {}) }

// mainWith is Main with changes to the app, for tests.
func mainWith(prepare func(*app)) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	app := newApp(term.System(os.Getenv), os.Getenv)
	app.environ = os.Environ
	muteDependencies()
	// If the reader of a pipe is gone, writes return an error. The signal would leave a lab behind.
	signal.Ignore(syscall.SIGPIPE)
	app.setUp = func() {
		tuneGC(os.Getenv)
		app.listen(cancel)
	}
	prepare(app)
	return app.run(ctx, os.Args[1:])
}

// listen starts to receive signals. They end the command through cancel unless something captures them.
func (a *app) listen(cancel func()) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, terminationSignals()...)
	go a.interrupts.dispatch(signals, func() {
		// The next one ends the process at once. A closed terminal may send several, which do not.
		signal.Reset(os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
		cancel()
	})
	// From here on the signal is caught instead of ignored, since a lab's scripts would inherit that.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
}

// muteDependencies points os.Stdout, os.Stderr and the standard logger at the null device: muster writes to its own streams only.
// Output of libraries would end up within documents, and reveal secrets: with DEBUG=dara the core library prints every request with
// its signature and the script's parameters, and the credentials library prints the output of a credentials program. Without a null
// device, a nil file makes writes fail. os.OpenFile would start the poller.
func muteDependencies() {
	var null *os.File
	if fd, err := syscall.Open(os.DevNull, syscall.O_WRONLY|syscall.O_CLOEXEC, 0); err == nil {
		null = os.NewFile(uintptr(fd), os.DevNull)
	}
	os.Stdout, os.Stderr = null, null
	log.SetOutput(io.Discard)
}

// terminationSignals returns the signals on which a command ends in an orderly way, with a lab's scripts. SIGHUP is among them
// unless it is ignored, as under nohup.
func terminationSignals() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}
