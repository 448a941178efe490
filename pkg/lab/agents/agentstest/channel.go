package agentstest

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// connection is the WebSocket of an agent.
type connection struct {
	conn *websocket.Conn
	ends context.Context
	cut  context.CancelFunc
}

// connect opens the channel, and returns nil if it cannot be opened.
func (l *life) connect() *connection {
	ctx, cancel := context.WithTimeout(l.ctx, 45*time.Second)
	defer cancel()
	conn, response, err := websocket.Dial(ctx, "wss://"+l.o.Endpoint+"/luban/notify_server", &websocket.DialOptions{HTTPClient: l.websocket})
	if response != nil && response.Body != nil {
		_ = response.Body.Close()
	}
	if err != nil {
		return nil
	}
	c := &connection{conn: conn}
	c.ends, c.cut = context.WithCancel(l.ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.connection = c
	if l.dropNext {
		l.dropNext = false
		c.cut()
	}
	return c
}

// drop cuts the channel, or the next one if there is none.
func (l *life) drop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.connection; c == nil || c.ends.Err() != nil {
		l.dropNext = true
	} else {
		c.cut()
	}
}

// keepChannel listens on the channel, and opens another one when it has ended, with the patience of the official agent.
func (l *life) keepChannel(c *connection) {
	for c != nil || l.ctx.Err() == nil {
		if c != nil {
			l.listen(c) // which closes it
			if !l.wait(5) {
				return
			}
			_, _ = l.post(l.ctx, "/luban/api/v1/exception/client_report", []byte(`{"reportType":"switch_channel_in_wsk"}`))
			if !l.wait(1) {
				return
			}
		} else if !l.waitForTry() {
			return
		}
		c = l.connect()
	}
}

// waitForTry waits until the agent tries again to open a channel after it has failed. It reports false if the agent was ended.
func (l *life) waitForTry() bool {
	if l.o.Build < build1065 {
		return l.wait(1800)
	}
	select { // forget a heartbeat from before
	case <-l.beat:
	default:
	}
	ctx, cancel := context.WithTimeout(l.ctx, l.seconds(300))
	defer cancel()
	select {
	case <-l.beat:
	case <-ctx.Done():
	}
	return l.ctx.Err() == nil
}

// listen answers notifications until the channel ends.
func (l *life) listen(c *connection) {
	var pings sync.WaitGroup
	pings.Go(func() {
		for {
			_ = c.conn.Ping(c.ends) // waits for the pong
			if !wait(c.ends, l.seconds(60)) {
				return
			}
		}
	})
	defer func() {
		c.cut()
		_ = c.conn.CloseNow()
		pings.Wait()
	}()
	for {
		_, message, err := c.conn.Read(c.ends)
		if err != nil {
			return
		}
		answer := l.notified(string(message))
		if err := c.conn.Write(c.ends, websocket.MessageText, []byte(answer)); err != nil {
			return
		}
	}
}

// notified does what a notification demands, and returns the answer.
func (l *life) notified(text string) string {
	words := strings.Split(text, " ")
	switch {
	case text == "kick_vm":
		l.run(func() { l.fetch("") })
	case text == "kick_vm noop":
	case text == "kick_vm agent deregister":
		_ = l.Deregister(l.ctx)
		return "unknow:" + text
	case len(words) == 4 && words[0] == "kick_vm" && l.fetches(words[1], words[2]) && wellFormed(words[3]):
		l.run(func() { l.fetch(words[3]) })
	default:
		l.violation("notification %q", text)
		return "unknow:" + text
	}
	return "accept:" + text
}

// fetches reports whether a notification about a task or file makes the agent fetch its tasks.
func (l *life) fetches(what, action string) bool {
	return what == "task" && (action == "run" || action == "stop") || what == "file" && (action == "create" || action == "stop")
}

// wellFormed reports whether a text is an id that can be part of a path and of a notification.
func wellFormed(id string) bool {
	return id != "" && len(id) <= 64 && strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}
