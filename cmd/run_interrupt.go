package cmd

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"syscall"

	"muster/pkg/fleet"
	"muster/pkg/term"
)

// interruptChoice is the decision about a run after an interrupt.
type interruptChoice int

// The choices.
const (
	choiceContinue interruptChoice = iota
	choiceDetach
	choiceStop
)

// interruptedError ends the wait for a run at the user's request.
type interruptedError struct{}

func (interruptedError) Error() string { return "interrupted" }

// Is reports whether other is the error of a cancelled context.
func (interruptedError) Is(other error) bool { return other == context.Canceled }

// interruptHandler handles interrupts during a run. The first one holds back what is unsent and asks what to do; without a terminal
// it does what --on-interrupt says. The second one ends the wait at once.
type interruptHandler struct {
	interrupts *interrupts
	control    *fleet.Control
	keyboard   *term.Keyboard // nil if there is no terminal to ask at
	progress   *term.Progress
	note       func(format string, args ...any)
	leave      context.CancelCauseFunc
	hurry      chan struct{}
	stop       bool
	menu       string

	chosen  interruptChoice
	hurried atomic.Bool
}

func newInterruptHandler(p *printer, engine *fleet.Engine, w waitedRun, keyboard *term.Keyboard, progress *term.Progress, leave context.CancelCauseFunc) *interruptHandler {
	hurry := make(chan struct{})
	engine.Hurry = hurry
	detaching := "detach: leave it running, and come back later"
	if w.sites.throwaway() {
		detaching = "detach: the lab ends, with everything that runs there"
	}
	stopping := "stop everything"
	if w.mayLeaveChildren() {
		stopping += "; processes that a script started, or where sh is dash the script itself, may\n     continue, since the run has no --termination-mode=ProcessTree"
	}
	return &interruptHandler{
		interrupts: &p.interrupts, control: engine.Control, keyboard: keyboard, progress: progress, note: p.note, leave: leave,
		hurry: hurry, stop: w.stop, menu: fmt.Sprintf(menu, detaching, stopping),
	}
}

// start handles interrupts until end is called, which returns the choice.
func (h *interruptHandler) start() (end func() (interruptChoice, bool)) {
	ctx, cancel := context.WithCancel(context.Background())
	received, release := h.interrupts.capture()
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.handle(ctx, received)
	}()
	return func() (interruptChoice, bool) {
		cancel()
		<-done
		release()
		return h.chosen, h.hurried.Load()
	}
}

func (h *interruptHandler) handle(ctx context.Context, received <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-received:
			switch {
			case h.chosen == choiceContinue:
			case s == syscall.SIGHUP: // a closed terminal may send several
				continue
			default:
				h.leaveNow()
				return
			}
			h.handleFirst(ctx, s, received)
			if h.hurried.Load() {
				return
			}
		}
	}
}

// handleFirst handles the first interrupt.
func (h *interruptHandler) handleFirst(ctx context.Context, s os.Signal, received <-chan os.Signal) {
	h.control.Hold()
	h.chosen = h.defaultChoice()
	if s == os.Interrupt && h.keyboard != nil {
		h.chosen = h.ask(ctx, received)
	}
	switch h.chosen {
	case choiceContinue:
		h.control.Release()
	case choiceStop:
		h.note("stopping what was sent; another interrupt exits at once")
		h.control.Stop()
		h.control.Release()
	case choiceDetach:
		h.leave(interruptedError{})
	}
}

// defaultChoice returns the choice of --on-interrupt.
func (h *interruptHandler) defaultChoice() interruptChoice {
	if h.stop {
		return choiceStop
	}
	return choiceDetach
}

func (h *interruptHandler) leaveNow() {
	h.hurried.Store(true)
	close(h.hurry)
	h.leave(interruptedError{})
}

const menu = `
interrupted: nothing more is sent. What was sent continues meanwhile.
  d  %s
  s  %s
  c  continue
(Ctrl-C again: exit at once) d, s or c? `

// mayLeaveChildren reports whether a stop may leave processes of shell scripts running: it ends the process that the agent started,
// and others only with --termination-mode=ProcessTree.
func (w waitedRun) mayLeaveChildren() bool {
	switch command := w.plan.Command; {
	case command.Run != nil:
		return command.Run.Type == "RunShellScript" && command.Run.TerminationMode != "ProcessTree"
	case command.Invoke != nil:
		return w.commandType == "RunShellScript" && command.Invoke.TerminationMode != "ProcessTree"
	}
	return false
}

// choiceOf returns the choice for a key of the menu.
func choiceOf(key string) (chosen interruptChoice, known bool) {
	switch strings.ToLower(key) {
	case "d":
		return choiceDetach, true
	case "s":
		return choiceStop, true
	case "c":
		return choiceContinue, true
	}
	return choiceContinue, false
}

// ask shows the menu. Another interrupt ends it, and so does the end of the run.
func (h *interruptHandler) ask(ctx context.Context, received <-chan os.Signal) interruptChoice {
	asking, cancel := context.WithCancel(ctx)
	listened, answered := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(listened)
		select {
		case s := <-received:
			if s != syscall.SIGHUP {
				h.leaveNow()
			}
			cancel()
		case <-answered:
		case <-asking.Done():
		}
	}()
	h.progress.Suspend()
	defer h.progress.Resume()
	answer, err := h.keyboard.AskKey(asking, h.menu, func(key string) bool {
		_, known := choiceOf(key)
		if known { // before the interrupted question is shown again: a later interrupt is a first one
			close(answered)
			<-listened
		}
		return known
	})
	cancel()
	<-listened
	switch {
	case h.hurried.Load():
		return choiceDetach
	case err == nil:
		chosen, _ := choiceOf(answer)
		return chosen
	case ctx.Err() != nil:
		return choiceContinue
	}
	return h.defaultChoice()
}
