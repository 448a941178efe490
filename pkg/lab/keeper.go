package lab

// keeper has records outlast the lab.
//
// What is written is durable after the next flush, and in the order in which it was written: whatever survives a crash, all
// that was written before it survives, too. Every answer is flushed before it goes out, so nothing that a client was told
// is ever taken back, whether the client wrote it or only read it.
type keeper interface {
	// write takes changes on their way, and does not wait. Their values must not be changed any more.
	write(changes ...change)
	// hold has all that is written until release become durable at once or not at all.
	hold() (release func())
	// flush returns when all that was written before is durable. After an error nothing is kept any more.
	flush() error
	// failed is closed when nothing is kept any more. It is nil where nothing ever is.
	failed() <-chan struct{}
	// lasts tells whether anything is kept.
	lasts() bool
	close() error
}

// change is what becomes of one record. A nil value removes it.
type change struct {
	kind  kind
	key   string
	value any // what encoding/json makes of it is kept
}

// kind is a sort of records: a bucket's name in the database.
type kind string

const (
	ofLab        kind = "lab"
	ofInstance   kind = "instances"
	ofCommand    kind = "commands"
	ofInvocation kind = "invocations"
	ofTask       kind = "tasks"
	ofRun        kind = "runs"
	ofFile       kind = "files"
	ofFileTask   kind = "file tasks"
	ofToken      kind = "tokens"
)

func kinds() []kind {
	return []kind{ofLab, ofInstance, ofCommand, ofInvocation, ofTask, ofRun, ofFile, ofFileTask, ofToken}
}

// forgetful keeps nothing: a throwaway lab's.
type forgetful struct{}

func (forgetful) write(...change)         {}
func (forgetful) hold() func()            { return func() {} }
func (forgetful) flush() error            { return nil }
func (forgetful) failed() <-chan struct{} { return nil }
func (forgetful) lasts() bool             { return false }
func (forgetful) close() error            { return nil }
