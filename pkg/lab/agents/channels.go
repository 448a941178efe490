package agents

import (
	"net/http"
	"sync"

	"github.com/coder/websocket"
)

// maxMessage is the largest message that a host may send through its channel, in bytes.
const maxMessage = 4 << 10

// channels is the open channels of all hosts. A host has one: a new one replaces the one before.
type channels struct {
	lab     Lab
	options Options

	mu      sync.Mutex
	closed  bool
	seats   map[string]*seat
	running sync.WaitGroup
}

// seat is the place of a host's channel.
type seat struct {
	telling sync.Mutex // held while the lab is told about the channel, so that it hears of changes in their order

	// These fields belong to channels.mu.
	users      int // goroutines that use the seat
	channel    *channel
	deregister bool // the host has not answered yet
}

func newChannels(lab Lab, o Options) *channels {
	return &channels{lab: lab, options: o, seats: make(map[string]*seat)}
}

// openChannel turns a request into a channel.
func (s *Server) openChannel(r *request) (any, error) {
	c := &channel{instanceID: r.instanceID, options: s.options}
	conn, err := websocket.Accept(r.writer, r.Request, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // of the origin: the signature proves the identity, and a refusal would be a 403
		OnPingReceived:     c.pinged,
	})
	if err == nil {
		r.log.Status = http.StatusSwitchingProtocols
		conn.SetReadLimit(maxMessage)
		c.conn = conn
		s.channels.serve(c)
	} else { // and Accept has written a response
		r.log.Status, r.log.ErrMsg = http.StatusUpgradeRequired, "The request opens no WebSocket."
	}
	return nil, nil
}

// serve serves a channel in a goroutine of its own. The goroutine of the handshake ends, and with it what the handshake needed.
func (all *channels) serve(c *channel) {
	c.all = all
	all.mu.Lock()
	if all.closed {
		all.mu.Unlock()
		_ = c.conn.CloseNow()
		return
	}
	all.running.Add(1)
	all.mu.Unlock()
	go func() {
		defer all.running.Done()
		if all.attach(c) {
			c.read()
		}
		c.close()
		all.detach(c)
		c.writers.Wait()
	}()
}

// use returns the seat of a host. The caller must release it.
func (all *channels) use(instanceID string) *seat {
	all.mu.Lock()
	defer all.mu.Unlock()
	s := all.seats[instanceID]
	if s == nil {
		s = &seat{}
		all.seats[instanceID] = s
	}
	s.users++
	return s
}

func (all *channels) release(instanceID string, s *seat) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if s.users--; s.users == 0 && s.channel == nil && !s.deregister {
		delete(all.seats, instanceID)
	}
}

// attach makes a channel the one of its host. It reports false if the server was closed.
func (all *channels) attach(c *channel) bool {
	s := all.use(c.instanceID)
	defer all.release(c.instanceID, s)
	s.telling.Lock()
	defer s.telling.Unlock()

	all.mu.Lock()
	if all.closed {
		all.mu.Unlock()
		return false
	}
	before, deregister := s.channel, s.deregister
	s.channel = c
	all.mu.Unlock()
	if before != nil {
		all.options.Log.Info("a host has opened another channel, the one before is closed", "instance", c.instanceID)
		before.close()
	}
	all.lab.Connected(c.instanceID, true)
	c.start()
	c.kick(Kick{Action: KickFetch})
	if deregister {
		c.kick(Kick{Action: KickDeregister})
	}
	return true
}

// detach notes that a channel is closed.
func (all *channels) detach(c *channel) {
	s := all.use(c.instanceID)
	defer all.release(c.instanceID, s)
	s.telling.Lock()
	defer s.telling.Unlock()

	all.mu.Lock()
	current := s.channel == c
	if current {
		s.channel = nil
	}
	all.mu.Unlock()
	if current { // and not replaced
		all.lab.Connected(c.instanceID, false)
	}
}

func (all *channels) kick(instanceID string, k Kick) {
	s := all.use(instanceID)
	defer all.release(instanceID, s)
	all.mu.Lock()
	if k.Action == KickDeregister {
		s.deregister = !all.closed
	}
	c := s.channel
	all.mu.Unlock()
	if c != nil {
		c.kick(k)
	}
}

// answered notes that a host has answered a notification.
func (all *channels) answered(instanceID, text string) {
	if text != (Kick{Action: KickDeregister}).text() {
		return
	}
	s := all.use(instanceID)
	defer all.release(instanceID, s)
	all.mu.Lock()
	defer all.mu.Unlock()
	s.deregister = false
}

func (all *channels) disconnect(instanceID string) {
	all.mu.Lock()
	var c *channel
	if s := all.seats[instanceID]; s != nil {
		s.deregister = false
		c = s.channel
	}
	all.mu.Unlock()
	if c != nil {
		c.close()
	}
}

func (all *channels) close() {
	all.mu.Lock()
	all.closed = true
	var open []*channel
	for _, s := range all.seats {
		if s.channel != nil {
			open = append(open, s.channel)
		}
	}
	all.mu.Unlock()
	for _, c := range open {
		c.close()
	}
	all.running.Wait()
}
