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
	// helperPatience is how long a helper may run.
	helperPatience = 60 * time.Second
	// helperGrace is how long what a helper has started may hold its output open after its end.
	helperGrace = time.Second
	// maxComplaint is how much of a helper's stderr is shown.
	maxComplaint = 500
)

// helped is what a helper prints, in the aliyun CLI's words.
type helped struct {
	Mode            string          `json:"mode"`
	AccessKeyId     string          `json:"access_key_id"`
	AccessKeySecret string          `json:"access_key_secret"`
	SecurityToken   string          `json:"sts_token"`
	Expiration      json.RawMessage `json:"expiration"`
}

// external runs a profile's process_command, without a shell.
func (o *Options) external(command string) (fetch, error) {
	argv, err := splitCommand(command, runtime.GOOS == "windows")
	if err != nil {
		return nil, fmt.Errorf("process_command: %w", err)
	}
	if len(argv) == 0 {
		return nil, errors.New("process_command is empty")
	}
	if strings.Contains(filepath.Base(argv[0]), "=") {
		return nil, errors.New("process_command begins with a variable, which only a shell could set, and no shell runs it")
	}
	return func(ctx context.Context) (assist.Keys, error) { return runHelper(ctx, argv, o.Environ) }, nil
}

// runHelper runs a helper once. Its stdout is never shown, since it may hold keys; its stderr is, when it fails.
func runHelper(ctx context.Context, argv, environ []string) (assist.Keys, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, helperPatience, fmt.Errorf("it did not end within %v", helperPatience))
	defer cancel()
	name := filepath.Base(argv[0])
	out, complaint := &capped{most: maxAnswer}, &capped{most: maxComplaint, rest: true}
	command := exec.CommandContext(ctx, argv[0], argv[1:]...)
	command.Env, command.Stdout, command.Stderr, command.WaitDelay = environ, out, complaint, helperGrace
	if err := command.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		switch {
		case ctx.Err() != nil:
			err = context.Cause(ctx)
		case out.over:
			err = errors.New("it printed too much")
		}
		return assist.Keys{}, fmt.Errorf("the helper %s failed: %w%s", name, err, said(complaint.text.String()))
	}
	var answer helped
	if err := json.Unmarshal(lastObject(out.text.Bytes()), &answer); err != nil {
		return assist.Keys{}, fmt.Errorf("the helper %s printed no JSON with keys%s", name, said(complaint.text.String()))
	}
	var end expiration
	if answer.Expiration != nil {
		if err := end.UnmarshalJSON(answer.Expiration); err != nil {
			return assist.Keys{}, fmt.Errorf("the helper %s gave an expiration that is no time: want RFC 3339, or seconds since 1970", name)
		}
	}
	switch {
	case answer.Mode != "" && answer.Mode != "AK" && answer.Mode != "StsToken":
		return assist.Keys{}, fmt.Errorf("the helper %s gave keys of mode %s: only AK and StsToken can be used", name, term(answer.Mode))
	case answer.AccessKeyId == "" || answer.AccessKeySecret == "":
		return assist.Keys{}, fmt.Errorf("the helper %s gave no access_key_id and access_key_secret%s", name, said(complaint.text.String()))
	case answer.Mode == "StsToken" && answer.SecurityToken == "":
		return assist.Keys{}, fmt.Errorf("the helper %s gave no sts_token, and says that its mode is StsToken%s", name, said(complaint.text.String()))
	}
	return assist.Keys{
		AccessKeyId: answer.AccessKeyId, AccessKeySecret: answer.AccessKeySecret, SecurityToken: answer.SecurityToken,
		Expiration: end.Time,
	}, nil
}

// capped keeps the beginning of what is written to it. Beyond that it takes and forgets the rest, or is an error, which ends the
// writer.
type capped struct {
	text bytes.Buffer // is no embedded one, whose ReadFrom would be used in place of Write
	most int
	rest bool
	over bool // there was more
}

func (c *capped) Write(text []byte) (int, error) {
	room := max(c.most-c.text.Len(), 0)
	c.over = c.over || len(text) > room
	if c.over && !c.rest {
		return 0, errors.New("it printed too much")
	}
	c.text.Write(text[:min(room, len(text))])
	return len(text), nil
}

// term is a word of a helper, for people.
func term(word string) string { return fmt.Sprintf("%.40q", word) }

// lastObject skips the lines that a helper prints before its JSON.
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

// said is what a helper wrote on its stderr, as the end of an error.
func said(complaint string) string {
	text := strings.Join(strings.Fields(complaint), " ")
	if text == "" {
		return ""
	}
	if len(text) > maxComplaint {
		text = strings.ToValidUTF8(text[:maxComplaint], "") + "…"
	}
	return "; it says: " + text
}
