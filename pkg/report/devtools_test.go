package report

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// tab is a page that is open in a Chromium, driven by the DevTools protocol over a pair of pipes.
type tab struct {
	t       testing.TB
	in      io.Writer
	out     *bufio.Reader
	session string
	last    int // the id of the last command
	loaded  bool

	complaints string // the file of Chromium's standard error
}

// window is the size of a page.
type window struct {
	width, height int
	dark          bool
	noScripts     bool
}

// open opens a file in a new Chromium, which ends with the test, and waits until it has been loaded.
func open(t testing.TB, file string, w window) *tab {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 5*time.Minute) // it is closed, not killed, at the end
	cmd := exec.CommandContext(ctx, browser(t), append(flags(t), "--remote-debugging-pipe", "--no-startup-window")...)
	complaints, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr, cmd.WaitDelay = complaints, 10*time.Second
	commands, in := pipe(t)
	out, answers := pipe(t)
	cmd.ExtraFiles = []*os.File{commands, answers} // Chromium reads from 3 and writes to 4
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = commands.Close(), answers.Close()
	t.Cleanup(func() {
		_, _ = in.WriteString(`{"id":0,"method":"Browser.close"}` + "\x00")
		_ = cmd.Wait() // its exit status does not matter
		cancel()
		_, _, _ = in.Close(), out.Close(), complaints.Close()
	})
	page := &tab{t: t, in: in, out: bufio.NewReader(out), complaints: complaints.Name()}
	page.attach()
	page.call("Page.enable", nil, nil)
	page.resize(w.width, w.height)
	page.call("Emulation.setScriptExecutionDisabled", map[string]any{"value": w.noScripts}, nil)
	scheme := "light"
	if w.dark {
		scheme = "dark"
	}
	page.prefer("prefers-color-scheme", scheme)
	address := url.URL{Scheme: "file", Path: file}
	page.call("Page.navigate", map[string]any{"url": address.String()}, nil)
	for !page.loaded {
		page.read(nil)
	}
	return page
}

func pipe(t testing.TB) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return r, w
}

func (p *tab) attach() {
	p.t.Helper()
	var target struct{ TargetID string }
	p.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	p.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	p.session = attached.SessionID
}

// message is an answer, or an event, of the DevTools protocol.
type message struct {
	ID     int
	Method string
	Result json.RawMessage
	Error  *struct{ Message string }
}

// call performs a command, whose result is decoded into result unless that is nil.
func (p *tab) call(method string, params, result any) {
	p.t.Helper()
	p.last++
	command := map[string]any{"id": p.last, "method": method}
	if params != nil {
		command["params"] = params
	}
	if p.session != "" {
		command["sessionId"] = p.session
	}
	text, err := json.Marshal(command)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.in.Write(append(text, 0)); err != nil {
		p.t.Fatalf("%s: %v", method, err)
	}
	for !p.read(result) {
	}
}

// read reads one message and reports whether it answers the last command.
func (p *tab) read(result any) bool {
	p.t.Helper()
	text, err := p.out.ReadBytes(0)
	if err != nil {
		complaints, _ := os.ReadFile(p.complaints)
		p.t.Fatalf("read from chromium: %v\n%s", err, complaints)
	}
	var m message
	if err := json.Unmarshal(bytes.TrimSuffix(text, []byte{0}), &m); err != nil {
		p.t.Fatalf("read %q: %v", text, err)
	}
	if m.Method == "Page.loadEventFired" {
		p.loaded = true
	}
	if m.ID == 0 || m.ID != p.last {
		return false
	}
	if m.Error != nil {
		p.t.Fatalf("chromium: %s", m.Error.Message)
	}
	if result != nil {
		if err := json.Unmarshal(m.Result, result); err != nil {
			p.t.Fatalf("read %q: %v", m.Result, err)
		}
	}
	return true
}

// evaluate evaluates an expression in the page, awaits it if it is a promise, and decodes its value into value.
func (p *tab) evaluate(expression string, value any) {
	p.t.Helper()
	var result struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct{ Exception struct{ Description string } }
	}
	p.call("Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true}, &result)
	if e := result.ExceptionDetails; e != nil {
		p.t.Fatalf("%s: %s", expression, e.Exception.Description)
	}
	if value != nil {
		if err := json.Unmarshal(result.Result.Value, value); err != nil {
			p.t.Fatalf("%s gives %s: %v", expression, result.Result.Value, err)
		}
	}
}

// texts evaluates an expression to a list of texts.
func (p *tab) texts(expression string) []string {
	p.t.Helper()
	var all []string
	p.evaluate(expression, &all)
	return all
}

// press presses and releases a key without a text, such as Tab or ArrowDown.
func (p *tab) press(key string, code int) {
	p.t.Helper()
	for _, kind := range []string{"keyDown", "keyUp"} {
		p.call("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code}, nil)
	}
}

// resize resizes the window, in pixels of the page.
func (p *tab) resize(width, height int) {
	p.t.Helper()
	p.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}, nil)
}

// prefer sets a media feature, such as prefers-color-scheme.
func (p *tab) prefer(feature, value string) {
	p.t.Helper()
	p.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": feature, "value": value}}}, nil)
}

// frames waits until the page has been painted a few times, so that its layout is complete.
func (p *tab) frames() {
	p.t.Helper()
	p.evaluate("new Promise(done => { const next = n => requestAnimationFrame(() => n ? next(n - 1) : done(n)); next(4); })", nil)
}

// picture returns a screenshot as PNG.
func (p *tab) picture() []byte {
	p.t.Helper()
	var shot struct{ Data string }
	p.call("Page.captureScreenshot", nil, &shot)
	picture, err := base64.StdEncoding.DecodeString(shot.Data)
	if err != nil {
		p.t.Fatal(err)
	}
	return picture
}
