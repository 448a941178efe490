package cmd

import (
	"context"
	"io"
	"os"
)

// input opens a file, or stdin as -. Opening and reading end with the context, whose cause is the error then: a FIFO that nobody writes to
// and a stdin that stays open would block for ever.
func (a *app) input(ctx context.Context, name string) (io.ReadCloser, error) {
	if name == "-" {
		if a.streams.InIsTerminal() {
			a.note("reading from the terminal; end with Ctrl-D")
		}
		return interruptible(ctx, io.NopCloser(a.streams.In)), nil
	}
	type outcome struct {
		file *os.File
		err  error
	}
	opened := make(chan outcome, 1)
	go func() {
		file, err := openFile(name)
		opened <- outcome{file, err}
	}()
	select {
	case <-ctx.Done():
		go func() {
			if late := <-opened; late.err == nil {
				_ = late.file.Close()
			}
		}()
		return nil, context.Cause(ctx)
	case o := <-opened:
		if o.err != nil {
			return nil, o.err
		}
		return interruptible(ctx, o.file), nil
	}
}

// interruptible returns what reads from a source until that ends, or the context does. The source is closed at its end, or by the first
// read that returns after the result was closed.
func interruptible(ctx context.Context, source io.ReadCloser) io.ReadCloser {
	reader, writer := io.Pipe()
	stop := context.AfterFunc(ctx, func() { writer.CloseWithError(context.Cause(ctx)) })
	go func() {
		defer stop()
		_, err := io.Copy(writer, source)
		_ = source.Close()
		writer.CloseWithError(err)
	}()
	return reader
}

func openFile(name string) (*os.File, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, &usageError{err}
	}
	return file, nil
}
