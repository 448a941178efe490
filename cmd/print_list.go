package cmd

import (
	"io"
	"os"

	"github.com/spf13/pflag"

	"muster/pkg/render"
	"muster/pkg/term"
)

// addLimit adds --limit to a command that prints a list.
func addLimit(flags *pflag.FlagSet, limit *int) {
	groupOutput.add(flags, func(flags *pflag.FlagSet) {
		flags.Var(numberAtLeast(0, limit), "limit", "list at most this many; 0 lists all")
	})
}

// limited returns the part of a list to print. sayMore reports on stderr that there is more; call it after printing.
func limited[T any](p *printer, list []T, limit int, noun string) (printed []T, sayMore func()) {
	if limit == 0 || len(list) <= limit {
		return list, func() {}
	}
	return list[:limit], func() {
		if !p.config.Quiet {
			p.note("there are more %s; --limit 0 prints all", noun)
		}
	}
}

// addPager adds --no-pager to a command that prints a list.
func addPager(flags *pflag.FlagSet) {
	groupOutput.add(flags, func(flags *pflag.FlagSet) {
		flags.Bool("no-pager", false, "print a list that is longer than the terminal without a pager")
	})
}

// usesPager reports whether the command prints to a pager.
func (p *printer) usesPager() bool {
	flag := p.flags.Lookup("no-pager")
	return flag != nil && flag.Value.String() != "true" && p.streams.Pages()
}

// writePaged writes a document through a pager if it is longer than the terminal.
func (p *printer) writePaged(_ io.Writer, document render.Document) error {
	var environ []string
	if p.environ != nil {
		environ = p.environ()
	}
	pager := p.streams.Pager(term.PagerCommand(environ), environ)
	signals, done := p.interrupts.capture()
	ended := make(chan bool, 1)
	left := make(chan struct{})
	go func() {
		stopped := false
		defer func() { ended <- stopped }()
		for {
			select {
			case received := <-signals:
				if received != os.Interrupt { // interrupts are for the pager
					stopped = true
					pager.Stop()
				}
			case <-left:
				return
			}
		}
	}()
	err := p.write(pager, document)
	if closeErr := pager.Close(); err == nil {
		err = closeErr
	}
	close(left)
	done()
	if <-ended {
		return &outcomeError{exitInterrupted}
	}
	if failed := pager.Err(); failed != nil {
		p.note("the list was printed without a pager: PAGER cannot be started: %s", p.explain(failed))
	}
	return err
}
