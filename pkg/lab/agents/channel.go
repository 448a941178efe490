package agents

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/coder/websocket"
)

const (
	writeTimeout = 10 * time.Second

	// deregisterTimeout is the AnswerTimeout of KickDeregister: agents answer it after they have stopped and started a service.
	deregisterTimeout = time.Minute

	// retryInterval is the time until a rejected notification is sent again: the agent is being updated.
	retryInterval = 30 * time.Second

	// maxQueued is the number of notifications that name a task and wait to be sent. More are merged into one.
	maxQueued = 8
)

// channel is the WebSocket through which a host receives notifications.
type channel struct {
	instanceID string
	options    Options
	all        *channels
	conn       *websocket.Conn

	mu       sync.Mutex
	closed   bool
	heard    time.Time // when the host sent something last
	queue    []Kick    // to be sent
	rejected []rejectedKick
	sent     []sentKick     // and not answered, in the order of sending
	writing  bool           // a goroutine is sending the queue
	writers  sync.WaitGroup // of write and of what closes the connection
	timer    *time.Timer    // for check
}

type sentKick struct {
	kick Kick
	due  time.Time // of the answer
}

type rejectedKick struct {
	kick  Kick
	again time.Time
}

// start begins to watch whether the host is still there.
func (c *channel) start() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.heard = time.Now()
	c.timer = time.AfterFunc(c.options.ProbeInterval, c.check)
	c.schedule()
}

// close closes the connection, without waiting for that. It may be called more than once.
func (c *channel) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closeLocked()
}

// closeLocked is close for a caller that holds c.mu.
func (c *channel) closeLocked() {
	if c.closed {
		return
	}
	c.closed = true
	if c.timer != nil {
		c.timer.Stop()
	}
	c.writers.Go(func() { _ = c.conn.CloseNow() }) // with TLS, it can take seconds if the host does not read
}

// read reads what the host sends until the connection is closed.
func (c *channel) read() {
	for {
		_, message, err := c.conn.Read(context.Background()) // ends with close
		if err != nil {
			return
		}
		c.receive(string(message))
	}
}

// pinged notes a ping of the host. It reports that the ping is to be answered.
func (c *channel) pinged(context.Context, []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard = time.Now()
	return true
}

// receive takes the answer of the host to a notification.
func (c *channel) receive(message string) {
	verb, text, ok := parseAnswer(message)
	c.mu.Lock()
	c.heard = time.Now()
	i := slices.IndexFunc(c.sent, func(s sentKick) bool { return s.kick.text() == text })
	if !ok || i < 0 {
		c.mu.Unlock()
		return
	}
	answered := c.sent[i].kick
	c.sent = slices.Delete(c.sent, i, i+1)
	if verb == "reject" {
		c.rejected = append(c.rejected, rejectedKick{answered, time.Now().Add(retryInterval)})
	}
	c.schedule()
	c.mu.Unlock()
	if verb != "reject" {
		c.all.answered(c.instanceID, text)
	}
}

// kick queues a notification.
func (c *channel) kick(k Kick) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.enqueue(k)
}

// enqueue adds a notification to the queue and merges it with those that are already there. The caller holds c.mu.
func (c *channel) enqueue(k Kick) {
	if c.closed {
		return
	}
	text := k.text()
	for _, queued := range c.queue {
		if queued.text() == text || k.fetches() && queued.text() == fetchText {
			return
		}
	}
	if k.fetches() && (text == fetchText || len(c.queue) >= maxQueued) {
		c.queue = slices.DeleteFunc(c.queue, Kick.fetches)
		k = Kick{Action: KickFetch}
	}
	c.queue = append(c.queue, k)
	if !c.writing {
		c.writing = true
		c.writers.Go(c.write)
	}
}

// write sends the queue. It is a goroutine that exists only while there is something to send.
func (c *channel) write() {
	for {
		k, ok := c.next()
		if !ok {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
		err := c.conn.Write(ctx, websocket.MessageText, []byte(k.text()))
		cancel()
		if err != nil {
			c.close()
			return
		}
	}
}

// next takes a notification from the queue, and expects its answer from now on.
func (c *channel) next() (k Kick, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || len(c.queue) == 0 {
		c.writing, c.queue = false, nil
		return Kick{}, false
	}
	k, c.queue = c.queue[0], c.queue[1:]
	timeout := c.options.AnswerTimeout
	if k.Action == KickDeregister {
		timeout = max(timeout, deregisterTimeout)
	}
	c.sent = append(c.sent, sentKick{k, time.Now().Add(timeout)})
	c.schedule()
	return k, true
}

// check closes the channel if an answer is overdue, queues rejected notifications again, and probes a host that has been silent.
func (c *channel) check() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	now := time.Now()
	if slices.ContainsFunc(c.sent, func(s sentKick) bool { return !now.Before(s.due) }) {
		c.options.Log.Info("a host does not answer, its channel is closed", "instance", c.instanceID)
		c.closeLocked()
		return
	}
	for len(c.rejected) > 0 && !now.Before(c.rejected[0].again) {
		k := c.rejected[0].kick
		c.rejected = c.rejected[1:]
		c.enqueue(k)
	}
	if len(c.sent) == 0 && now.Sub(c.heard) >= c.options.ProbeInterval {
		c.enqueue(Kick{Action: KickProbe})
	}
	c.schedule()
}

// schedule sets the timer to when check is needed next. The caller holds c.mu.
func (c *channel) schedule() {
	if c.closed || c.timer == nil {
		return
	}
	var times []time.Time
	for _, s := range c.sent {
		times = append(times, s.due)
	}
	if len(c.sent) == 0 {
		times = append(times, c.heard.Add(c.options.ProbeInterval))
	}
	for _, r := range c.rejected {
		times = append(times, r.again)
	}
	next := slices.MinFunc(times, time.Time.Compare)
	c.timer.Reset(max(time.Until(next), time.Millisecond))
}
