package cmd

import (
	"context"
	"fmt"
	"io"
	"os"

	"muster/pkg/term"
)

// reader reads what a command is given: files, stdin, and answers at the keyboard.
type reader struct {
	*printer
	keys *term.Keyboard // see keyboard
}

// openInput opens a file, or stdin for -. Opening and reading stop when the context ends, and return its cause: a FIFO without a
// writer and an open stdin would block forever.
func (rd *reader) openInput(ctx context.Context, name string) (io.ReadCloser, error) {
	if name == "-" {
		if rd.streams.InIsTerminal() {
			rd.note("reading from the terminal; end with Ctrl-D")
		}
		return interruptible(ctx, io.NopCloser(rd.streams.In)), nil
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

// interruptible returns a reader that ends with the source or with the context. The source is closed at its end, or by the first
// read that returns after the reader was closed.
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

func (rd *reader) readAll(ctx context.Context, name string) ([]byte, error) {
	input, err := rd.openInput(ctx, name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = input.Close() }()
	content, err := io.ReadAll(io.LimitReader(input, maxScript))
	if err != nil {
		return nil, &usageError{fmt.Errorf("read the script: %w", err)}
	}
	return content, nil
}

// keyboard returns the keyboard of this process, which all questions share. It is nil if there is no terminal to ask at.
func (rd *reader) keyboard() *term.Keyboard {
	if rd.keys == nil {
		rd.keys, _ = rd.streams.Keyboard()
	}
	return rd.keys
}
