package identity

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"muster/pkg/assist"
)

const (
	helperTimeout = 60 * time.Second
	// outputGrace limits how long a helper's child processes may keep its output open after it exits.
	outputGrace = time.Second
	// maxStderr limits how much of a helper's stderr is shown, in bytes.
	maxStderr = 500
)

// helperOutput is the output of a helper, with the aliyun CLI's keys.
type helperOutput struct {
	Mode            string          `json:"mode"`
	AccessKeyId     string          `json:"access_key_id"`
	AccessKeySecret string          `json:"access_key_secret"`
	SecurityToken   string          `json:"sts_token"`
	Expiration      json.RawMessage `json:"expiration"`
}

// external runs a profile's process_command as a helper, without a shell.
func external(command string, environ []string) (fetch, error) {
	argv, err := splitCommand(command, runtime.GOOS == "windows")
	if err != nil {
		return nil, fmt.Errorf("process_command: %w", err)
	}
	if len(argv) == 0 {
		return nil, errors.New("process_command is empty")
	}
	if strings.Contains(filepath.Base(argv[0]), "=") {
		return nil, errors.New("process_command begins with a variable assignment, but it is not run by a shell")
	}
	return func(ctx context.Context) (assist.Keys, error) { return runHelper(ctx, argv, environ) }, nil
}

// runHelper runs a helper once. Errors never include its stdout, which may contain keys, but its stderr if it fails.
func runHelper(ctx context.Context, argv, environ []string) (assist.Keys, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, helperTimeout, fmt.Errorf("it did not finish within %v", helperTimeout))
	defer cancel()
	name := filepath.Base(argv[0])
	stdout, stderr := &limitedBuffer{max: maxAnswer}, &limitedBuffer{max: maxStderr, truncate: true}
	command := exec.CommandContext(ctx, argv[0], argv[1:]...)
	command.Env, command.Stdout, command.Stderr, command.WaitDelay = environ, stdout, stderr, outputGrace
	if err := command.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		switch {
		case ctx.Err() != nil:
			err = context.Cause(ctx)
		case stdout.exceeded:
			err = errors.New("it printed too much")
		}
		return assist.Keys{}, fmt.Errorf("the helper %s failed: %w%s", name, err, stderrSuffix(stderr.text.String()))
	}
	var answer helperOutput
	if err := json.Unmarshal(lastObject(stdout.text.Bytes()), &answer); err != nil {
		return assist.Keys{}, fmt.Errorf("the helper %s printed no JSON with keys%s", name, stderrSuffix(stderr.text.String()))
	}
	var end expiration
	if answer.Expiration != nil {
		if err := end.UnmarshalJSON(answer.Expiration); err != nil {
			return assist.Keys{}, fmt.Errorf("the helper %s returned an expiration that is not a time: want RFC 3339, or seconds since 1970", name)
		}
	}
	switch {
	case answer.Mode != "" && answer.Mode != "AK" && answer.Mode != "StsToken":
		return assist.Keys{}, fmt.Errorf("the helper %s returned keys of mode %s: only AK and StsToken are supported", name, quoteWord(answer.Mode))
	case answer.AccessKeyId == "" || answer.AccessKeySecret == "":
		return assist.Keys{}, fmt.Errorf("the helper %s returned no access_key_id and access_key_secret%s", name, stderrSuffix(stderr.text.String()))
	case answer.Mode == "StsToken" && answer.SecurityToken == "":
		return assist.Keys{}, fmt.Errorf("the helper %s returned mode StsToken without an sts_token%s", name, stderrSuffix(stderr.text.String()))
	}
	return assist.Keys{
		AccessKeyId: answer.AccessKeyId, AccessKeySecret: answer.AccessKeySecret, SecurityToken: answer.SecurityToken,
		Expiration: end.Time,
	}, nil
}

// limitedBuffer stores the first max bytes that are written to it. It discards the rest, or fails, which stops the writer.
type limitedBuffer struct {
	text     bytes.Buffer // not embedded, because its ReadFrom would be used instead of Write
	max      int
	truncate bool
	exceeded bool // more than max bytes were written
}

func (b *limitedBuffer) Write(text []byte) (int, error) {
	room := max(b.max-b.text.Len(), 0)
	b.exceeded = b.exceeded || len(text) > room
	if b.exceeded && !b.truncate {
		return 0, errors.New("it printed too much")
	}
	b.text.Write(text[:min(room, len(text))])
	return len(text), nil
}

// quoteWord quotes a word of a helper's output for an error, shortened to 40 bytes.
func quoteWord(word string) string { return fmt.Sprintf("%.40q", word) }

// lastObject returns the JSON at the end of a helper's output, without the lines before it.
func lastObject(out []byte) []byte {
	out = bytes.TrimSpace(out)
	if json.Valid(out) {
		return out
	}
	for at := len(out); at > 0; {
		at = bytes.LastIndexByte(out[:at], '\n')
		rest := bytes.TrimSpace(out[at+1:])
		if len(rest) > 0 && rest[0] == '{' && json.Valid(rest) {
			return rest
		}
		if at < 0 {
			break
		}
	}
	return out
}

// stderrSuffix returns what a helper wrote on stderr, as the end of an error's text.
func stderrSuffix(stderr string) string {
	text := strings.Join(strings.Fields(stderr), " ")
	if text == "" {
		return ""
	}
	if len(text) > maxStderr {
		text = strings.ToValidUTF8(text[:maxStderr], "") + "…"
	}
	return "; it prints: " + text
}
