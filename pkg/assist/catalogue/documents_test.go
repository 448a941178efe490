package catalogue

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
)

// document is the table of errors in one of the service's API documents. It contains copies of codes, statuses and messages without
// trailing white space, but no explanations.
type document struct {
	Source   string // its name in the catalogue
	Title    string
	Action   string
	Year     int
	Language string
	Errors   []documented
}

type documented struct {
	Code    string
	Status  int
	Message string
}

func documents(t *testing.T) []document {
	t.Helper()
	data, err := os.ReadFile("testdata/documents.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []document
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestEveryDocumentedErrorIsListed(t *testing.T) {
	rows := 0
	for _, d := range documents(t) {
		rows += len(d.Errors)
		for _, row := range d.Errors {
			e, ok := Find(row.Code, English)
			switch {
			case !ok || e.Code != row.Code || e.Scope != ScopeAPI || !slices.Contains(e.Sources, d.Source):
				t.Errorf("%s: %s is not listed", d.Source, row.Code)
			case !slices.Contains(e.Statuses, HTTPStatus{d.Action, row.Status}):
				t.Errorf("%s: %s has no status %d of %s but %v", d.Source, row.Code, row.Status, d.Action, e.Statuses)
			case !slices.Contains(e.Messages, row.Message):
				t.Errorf("%s: %s does not have the message %q but %q", d.Source, row.Code, row.Message, e.Messages)
			}
		}
	}
	if rows != 200 {
		t.Errorf("%d rows of the documents, want 200", rows)
	}
}

func TestListedErrorsAreDocumented(t *testing.T) {
	for _, d := range documents(t) {
		for _, f := range known().facts {
			for _, a := range f.Answers {
				listed := slices.Equal(a.Actions, []string{d.Action}) && slices.Contains(d.Errors, documented{f.Code, a.HTTP, a.Message})
				if a.Source == d.Source && !listed {
					t.Errorf("%s does not list: %s %+v", d.Source, f.Code, a)
				}
			}
		}
	}
}

// TestStatusesDifferByAction tests codes whose status depends on the action.
func TestStatusesDifferByAction(t *testing.T) {
	for _, code := range []string{"Parameter.NotMatched", "ParameterKey.Duplicate", "WindowsPasswordName.Missed"} {
		e, _ := Find(code, English)
		if want := []HTTPStatus{{"InvokeCommand", 403}, {"RunCommand", 400}}; !slices.Equal(e.Statuses, want) {
			t.Errorf("%s: %v, want %v", code, e.Statuses, want)
		}
	}
}

// TestOtherCodesAreListed tests codes that no API document of an action lists: those of instances, and those that any call may return.
func TestOtherCodesAreListed(t *testing.T) {
	instance := map[string][]string{
		"Aborted": {
			"ClientIsUpgrading", "ClientNeedUpgrade", "ClientNotResponse", "ClientNotRunning", "DeliveryTimeout",
			"InstanceNotExists", "InstanceNotRunning", "SecurityGroupRuleDenied", "TaskConcurrencyLimit",
		},
		"Error":  {"ExecutionException", "ExecutionInterrupted", "InstanceReleased", "ResultMissing"},
		"Failed": {"ExitCodeNonzero", "FileCreateFail"},
		"Invalid": {
			"AccountNotExists", "BadCronExpression", "CommandNotApplicable", "DirectoryNotExists", "FileAlreadyExists",
			"FileAuthorityInvalid", "FileContentInvalid", "FileNameInvalid", "FilePathInvalid", "UserGroupNotExists",
		},
		"Timeout": {"ExecutionTimeout"},
	}
	for status, codes := range instance {
		for _, code := range codes {
			if e, ok := Find(code, English); !ok || e.Scope != ScopeInstance || e.Status != status {
				t.Errorf("%s: %+v", code, e)
			}
		}
	}
	calls := map[int][]string{
		400: {
			"IncompleteSignature", "InvalidParameter.Timeout", "InvalidSecurityToken.Expired", "InvalidTimeStamp.Expired",
			"InvalidVersion", "MissingParameter.Type", "MissingSecurityToken", "SignatureDoesNotMatch", "SignatureNonceUsed",
			"Throttling", "Throttling.Api", "Throttling.User",
		},
		403: {"Forbidden.RAM", "NoPermission.Operator", "SignatureDoesNotMatch"},
		404: {"InvalidAccessKeyId.NotFound", "InvalidApi.NotFound"},
		500: {"InternalError"},
		503: {"ServiceUnavailable"},
	}
	for status, codes := range calls {
		for _, code := range codes {
			if e, ok := Find(code, English); !ok || e.Scope != ScopeAPI || !slices.Contains(e.Statuses, HTTPStatus{"", status}) {
				t.Errorf("%s: %+v", code, e)
			}
		}
	}
}
