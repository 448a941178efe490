package agentstest

import (
	"encoding/json"
	"net/http"
)

// try sends a report once.
func (l *life) try(kind, query string, body []byte) (answer []byte, err error) {
	return l.call(l.ctx, http.MethodPost, "/luban/api/v1/task/"+kind+query, "text/plain; charset=utf-8", body, requestTimeout)
}

// report sends a report up to four times. After that it is lost.
func (l *life) report(kind, query string, body []byte) {
	_, err := l.try(kind, query, body)
	for retry := 0; retry < 3 && err != nil && l.wait(2); retry++ {
		_, err = l.try(kind, query, body)
	}
}

// unwanted reports whether the answer to a report says that the server does not want the task to go on.
func unwanted(answer []byte) bool {
	var said struct {
		ErrorCode string `json:"errorCode"`
	}
	return json.Unmarshal(answer, &said) == nil && (said.ErrorCode == "TaskNotFound" || said.ErrorCode == "TaskStatusInvalid")
}
