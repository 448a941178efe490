package agents

import "strings"

// KickAction is the action that a notification asks of a host.
type KickAction int

// The actions of notifications. The ones of a task or file make a host fetch the task list, like KickFetch, but name the task.
const (
	KickFetch KickAction = iota // fetch the task list
	KickRun
	KickStop
	KickFile
	KickFileStop
	KickDeregister // give up the registration
	KickProbe      // nothing: the host answers
)

// Kick is a notification for a host.
type Kick struct {
	Action KickAction
	TaskId string // for KickRun, KickStop, KickFile and KickFileStop
}

// text returns the notification on the wire. Agents may stop listening, while they stay connected, if they receive anything else than
// these exact forms: without a well-formed id, the notification is one to fetch all tasks.
func (k Kick) text() string {
	words := map[KickAction]string{KickRun: "kick_vm task run ", KickStop: "kick_vm task stop ", KickFile: "kick_vm file create ", KickFileStop: "kick_vm file stop "}
	switch {
	case k.Action == KickDeregister:
		return "kick_vm agent deregister"
	case k.Action == KickProbe:
		return "kick_vm noop"
	case words[k.Action] != "" && wellFormedID(k.TaskId):
		return words[k.Action] + k.TaskId
	default:
		return fetchText
	}
}

const fetchText = "kick_vm"

// fetches reports whether the notification makes a host fetch its task list. One that names no task stands for all others.
func (k Kick) fetches() bool { return k.Action != KickDeregister && k.Action != KickProbe }

// parseAnswer splits the answer of a host to a notification, such as accept:kick_vm.
func parseAnswer(text string) (verb, kick string, ok bool) {
	verb, kick, ok = strings.Cut(text, ":")
	return verb, kick, ok && (verb == "accept" || verb == "reject" || verb == "unknow") && strings.HasPrefix(kick, fetchText)
}
