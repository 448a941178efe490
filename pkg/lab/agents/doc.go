// Package agents serves the protocol of the official Cloud Assistant agent, so that real hosts can join a lab as managed instances:
// registration, heartbeats, a WebSocket channel for notifications, task lists and reports.
//
// The protocol is the one of agent builds from 2.2.3.578 on. Requests are JSON over HTTPS; every request of a registered host is
// signed with the key of its registration.
//
// The package knows nothing of the lab but the interface [Lab].
package agents
