package hostile

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

// Cases returns all cases.
func Cases() []Case {
	all := pages()
	all = append(all, refusals()...)
	all = append(all, texts()...)
	all = append(all, values()...)
	all = append(all, connections()...)
	all = append(all, lists()...)
	all = append(all, ids()...)
	for i := range all {
		all[i].Retried = slices.Contains(retried(), all[i].Name)
	}
	return all
}

// retried returns the names of the cases that look temporary.
func retried() []string {
	return []string{
		"page 502", "page 503", "empty 500", "status 999", "internal error", "endless refusal",
		"throttled 200", "throttled forever", "wait of 140 s", "wait of 1 ms again and again", "wait that is negative", "wait that is not a number",
		"interrupted before the response", "interrupted after the header", "interrupted in the response", "half a response", "length that is too small", "incomplete gzip",
		"no response", "slow response", "endless slow response",
	}
}

// pages are responses that come from something else than the service.
func pages() []Case {
	page := func(name string, status int, title string) Case {
		return Case{Name: name, serve: func(c *call) { c.write(status, "text/html; charset=utf-8", html(title)) }}
	}
	return []Case{
		page("page 200", http.StatusOK, "Sign in to the network"),
		page("page 403", http.StatusForbidden, "Blocked"),
		page("page 404", http.StatusNotFound, "404 Not Found"),
		page("page 407", http.StatusProxyAuthRequired, "Proxy Authentication Required"),
		page("page 502", http.StatusBadGateway, "502 Bad Gateway"),
		page("page 503", http.StatusServiceUnavailable, "Down for maintenance"),
		{Name: "page that contains the request", serve: func(c *call) {
			c.write(http.StatusOK, "text/html", html(fmt.Sprint(c.r.URL, c.r.URL.Query(), c.r.Header)))
		}},
		{Name: "text that contains the request", serve: func(c *call) {
			c.write(http.StatusNotFound, "text/plain", []byte(fmt.Sprint("Cannot find ", c.r.URL.Query(), c.r.Header, c.r.URL)))
		}},
		{Name: "page with control characters", serve: func(c *call) {
			c.write(http.StatusOK, "text/\x1b[2Jhtml", html("\x1b[31mred\x07\u202e\x00 "+strings.Repeat("long ", 100_000)))
		}},
		{Name: "empty 200", serve: func(c *call) { c.write(http.StatusOK, "", nil) }},
		{Name: "empty 204", serve: func(c *call) { c.write(http.StatusNoContent, "", nil) }},
		{Name: "empty 500", serve: func(c *call) { c.write(http.StatusInternalServerError, "", nil) }},
		{Name: "text 200", serve: func(c *call) { c.write(http.StatusOK, "text/plain", []byte("OK\n")) }},
		{Name: "other JSON 200", serve: func(c *call) { c.answer(http.StatusOK, `{"status":"UP"}`) }},
		{Name: "other JSON 418", serve: func(c *call) { c.answer(http.StatusTeapot, `{"error":{"code":7}}`) }},
		{Name: "redirect elsewhere", serve: func(c *call) { http.Redirect(c.w, c.r, "http://127.0.0.1:1/elsewhere", http.StatusFound) }},
		{Name: "redirect to itself", serve: func(c *call) { http.Redirect(c.w, c.r, c.r.URL.String(), http.StatusTemporaryRedirect) }},
	}
}

// refusals are unusual errors of the API.
func refusals() []Case {
	refuse := func(name string, status int, code, message string) Case {
		return Case{Name: name, serve: func(c *call) { c.answer(status, refusal(code, message)) }}
	}
	throttle := func(name, header, value string) Case {
		return Case{Name: name, serve: func(c *call) {
			c.w.Header().Set(header, value)
			c.answer(http.StatusBadRequest, refusal("Throttling.User", "Request was denied due to user flow control."))
		}}
	}
	return []Case{
		refuse("refusal 200", http.StatusOK, "Forbidden.RAM", "User not authorized to operate on the specified resource."),
		refuse("throttled 200", http.StatusOK, "Throttling.User", "Request was denied due to user flow control."),
		refuse("throttled forever", http.StatusServiceUnavailable, "Throttling", "Slow down."),
		refuse("internal error", http.StatusInternalServerError, "InternalError", "The request processing has failed."),
		refuse("refusal with control characters", http.StatusBadRequest, "Odd\x1b[2J\r\nCode", "\x1b]0;title\x07\u202e\u0000\r\nX: y"),
		refuse("refusal without a message", http.StatusForbidden, "X", ""),
		throttle("wait of 140 s", "x-ratelimit-user-api", "Limit:100,Remain:0,TimeLeft:140"),
		throttle("wait of 200 s", "x-ratelimit-user-api", "Limit:100,Remain:0,TimeLeft:200"),
		throttle("wait forever", "x-acs-retry-after", "9223372036854775807"),
		throttle("wait of 1e12 s", "x-ratelimit-user", "TimeLeft:1000000000000"),
		throttle("wait that is negative", "x-acs-retry-after", "-9223372036854775808"),
		throttle("wait that is not a number", "x-acs-retry-after", "NaN"),
		throttle("wait of 1 ms again and again", "x-acs-retry-after", "1"),
		{Name: "message of 22 MB", serve: func(c *call) {
			first, last, _ := strings.Cut(refusal("X", "MESSAGE"), "MESSAGE")
			c.w.WriteHeader(http.StatusBadRequest)
			c.repeat(first, "message ", 22<<20, last)
		}},
		{Name: "message of 500 KB", serve: func(c *call) {
			c.answer(http.StatusBadRequest, refusal("X"+strings.Repeat("x", 100_000), strings.Repeat("message ", 500<<10/8)))
		}},
		{Name: "refusal that contains the request", serve: func(c *call) {
			c.answer(http.StatusBadRequest, refusal("SignatureDoesNotMatch", "Specified signature is not matched with our calculation. server string to sign is:"+
				fmt.Sprint(c.r.Header, c.r.URL)))
		}},
		{Name: "refusal that contains the values", serve: func(c *call) {
			c.answer(http.StatusBadRequest, refusal("InvalidParameter", fmt.Sprint("You sent ", c.r.URL.Query())))
		}},
		{Name: "refusal with other types", serve: func(c *call) {
			c.answer(http.StatusBadRequest, `{"Code":400,"Message":{"a":1},"RequestId":[1],"HostId":true,"AccessDeniedDetail":[[[1]]]}`)
		}},
	}
}

// texts are responses that are not JSON in UTF-8.
func texts() []Case {
	return []Case{
		{Name: "garbage", serve: func(c *call) {
			noise := make([]byte, 100_000)
			for i, x := 0, uint32(1); i < len(noise); i++ {
				x = x*1664525 + 1013904223
				noise[i] = byte(x >> 24)
			}
			c.write(http.StatusOK, "application/json", noise)
		}},
		{Name: "zeros", serve: func(c *call) { c.write(http.StatusOK, "application/json", make([]byte, 10_000)) }},
		{Name: "byte order mark", serve: func(c *call) {
			c.write(http.StatusOK, "application/json", append([]byte("\ufeff"), c.wellBehaved()...))
		}},
		{Name: "UTF-16", serve: func(c *call) {
			var b bytes.Buffer
			for _, unit := range utf16.Encode([]rune(string(c.wellBehaved()))) {
				b.Write([]byte{byte(unit), byte(unit >> 8)})
			}
			c.write(http.StatusOK, "application/json", b.Bytes())
		}},
		{Name: "invalid UTF-8", serve: func(c *call) {
			c.write(http.StatusOK, "application/json", bytes.ReplaceAll(c.wellBehaved(), []byte(`"Success"`), []byte("\"\xff\xfe\xc3\"")))
		}},
		{Name: "half a response", serve: func(c *call) {
			whole := c.wellBehaved()
			c.write(http.StatusOK, "application/json", whole[:len(whole)/2])
		}},
		{Name: "two responses", serve: func(c *call) { c.write(http.StatusOK, "application/json", bytes.Repeat(c.wellBehaved(), 2)) }},
		{Name: "XML", serve: func(c *call) {
			c.write(http.StatusOK, "text/xml", []byte(`<?xml version="1.0"?><Answer><RequestId>r-1</RequestId></Answer>`))
		}},
		{Name: "gzip bomb", serve: func(c *call) {
			c.w.Header().Set("Content-Encoding", "gzip")
			_, err := c.w.Write(packed([]byte(`{"RequestId":"`)))
			for more := packed(bytes.Repeat([]byte("0"), 1<<20)); err == nil; { // concatenated gzip files are one file
				_, err = c.w.Write(more)
			}
		}},
		{Name: "invalid gzip", serve: func(c *call) {
			c.w.Header().Set("Content-Encoding", "gzip")
			c.write(http.StatusOK, "application/json", c.wellBehaved())
		}},
		{Name: "incomplete gzip", serve: func(c *call) {
			whole := packed(c.wellBehaved())
			c.w.Header().Set("Content-Encoding", "gzip")
			c.write(http.StatusOK, "application/json", whole[:len(whole)-9])
		}},
		{Name: "another encoding", serve: func(c *call) {
			c.w.Header().Set("Content-Encoding", "br")
			c.write(http.StatusOK, "application/json", []byte("\x1b\x0e\x00\xf8"))
		}},
	}
}

func packed(text []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(text)
	_ = w.Close()
	return b.Bytes()
}

var (
	strs    = regexp.MustCompile(`:"[^"]*"`)
	numbers = regexp.MustCompile(`:-?[0-9]+`)
	inList  = regexp.MustCompile(`\[.*\]`)
)

// values are JSON responses with other values than the API's.
func values() []Case {
	deformed := func(name string, of *regexp.Regexp, value string) Case {
		return Case{Name: name, serve: func(c *call) {
			c.write(http.StatusOK, "application/json", of.ReplaceAll(c.wellBehaved(), []byte(value)))
		}}
	}
	fixed := func(name, body string) Case {
		return Case{Name: name, serve: func(c *call) { c.answer(http.StatusOK, body) }}
	}
	many := func(name, record string, n int) Case {
		return Case{Name: name, serve: func(c *call) {
			list := strings.Repeat(record+",", n-1) + record
			c.answer(http.StatusOK, page(c.action, []string{list}, ""))
		}}
	}
	long := func(name, first, again, last string) Case {
		return Case{Name: name, serve: func(c *call) {
			before, after, _ := strings.Cut(page(c.action, []string{"{RECORD}"}, ""), "RECORD}")
			c.repeat(strings.TrimSuffix(before, "{")+first, again, 64<<20, last+after)
		}}
	}
	return []Case{
		fixed("null", "null"),
		fixed("a list", `[{"RequestId":"r-1"}]`),
		fixed("a number", "1e400"),
		fixed("only an id", `{"RequestId":"r-1"}`),
		fixed("a response of another action", `{"RequestId":"r-1","Regions":{"Region":[{"RegionId":"cn-hangzhou"}]}}`),
		deformed("numbers for strings", strs, ":7"),
		deformed("objects for strings", strs, `:{"a":[1]}`),
		deformed("strings for numbers", numbers, `:"seven"`),
		deformed("huge numbers", numbers, ":1"+strings.Repeat("0", 400)),
		deformed("fractions", numbers, ":0.5"),
		deformed("null for the records", inList, "null"),
		deformed("an object for the records", inList, "{}"),
		deformed("a string for the records", inList, `"i-1"`),
		deformed("null for each record", inList, "[null,null]"),
		deformed("a list for each record", inList, "[[],[]]"),
		deformed("lists in lists", inList, strings.Repeat("[", 20_000)+strings.Repeat("]", 20_000)),
		{Name: "deep JSON in an unknown field", serve: func(c *call) {
			deep := strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000)
			c.answer(http.StatusOK, `{"New":`+deep+`,`+strings.TrimPrefix(string(c.wellBehaved()), "{"))
		}},
		{Name: "deep JSON in a record", serve: func(c *call) {
			deep := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
			c.answer(http.StatusOK, strings.ReplaceAll(string(c.wellBehaved()), `{"CoreCount":1}`, deep))
		}},
		{Name: "duplicate keys", serve: func(c *call) {
			c.answer(http.StatusOK, `{"RequestId":"r-0","RequestId":"r-1",`+strings.TrimPrefix(string(c.wellBehaved()), "{"))
		}},
		{Name: "keys in another case", serve: func(c *call) {
			c.answer(http.StatusOK, strings.ReplaceAll(string(c.wellBehaved()), `"InstanceId"`, `"INSTANCEID"`))
		}},
		many("many empty records", "{}", 1<<20),
		many("many nulls", "null", 1<<20),
		many("many records", `{"InstanceId":"i-1","InvokeId":"t-1"}`, 1<<19),
		many("many records in records", `{"InstanceId":"i-1","InvokeId":"t-1","InvokeInstances":{"InvokeInstance":[`+strings.Repeat(`{"InstanceId":"i-1"},`, 500)+`{"InstanceId":"i-1"}]},`+
			`"NetworkInterfaces":{"NetworkInterface":[`+strings.Repeat("{},", 1000)+`{}]},"Tags":{"Tag":[`+strings.Repeat("{},", 1000)+`{}]}}`, 1000),
		long("a string of 64 MB", `{"InstanceId":"`, "i", `","InvokeId":"t-1"}`),
		long("a key of 64 MB", `{"`, "k", `":1}`),
	}
}

// connections are responses that are slow, endless or invalid HTTP.
func connections() []Case {
	return []Case{
		{Name: "no response", Slow: true, serve: func(c *call) { c.wait(time.Hour) }},
		{Name: "slow response", Slow: true, serve: func(c *call) {
			c.w.Header().Set("Content-Type", "application/json")
			for _, b := range c.wellBehaved() {
				if _, err := c.w.Write([]byte{b}); err != nil || http.NewResponseController(c.w).Flush() != nil || !c.wait(time.Second) {
					return
				}
			}
		}},
		{Name: "endless slow response", Slow: true, serve: func(c *call) { c.forever(`{"RequestId":"r-1","New":[`, "1,", time.Second) }},
		{Name: "endless blanks", serve: func(c *call) { c.forever("", " ", 0) }},
		{Name: "endless string", serve: func(c *call) { c.forever(`{"RequestId":"`, "a", 0) }},
		{Name: "endless key", serve: func(c *call) { c.forever(`{"`, "a", 0) }},
		{Name: "endless depth", serve: func(c *call) { c.forever(`{"New":`, "[", 0) }},
		{Name: "endless refusal", serve: func(c *call) {
			c.w.WriteHeader(http.StatusBadGateway)
			c.forever(`{"Code":"X","Message":"`, "a", 0)
		}},
		{Name: "endless list", serve: func(c *call) {
			empty := page(c.action, nil, "")
			c.forever(strings.TrimRight(empty, "]}"), record(c.action, "i-1", "t-1")+",", 0)
		}},
		{Name: "interrupted before the response", serve: func(*call) { panic(http.ErrAbortHandler) }},
		{Name: "interrupted after the header", serve: func(c *call) {
			c.w.WriteHeader(http.StatusOK)
			c.abort()
		}},
		{Name: "interrupted in the response", serve: func(c *call) {
			whole := c.wellBehaved()
			c.w.Header().Set("Content-Length", fmt.Sprint(len(whole)))
			_, _ = c.w.Write(whole[:len(whole)-3])
			c.abort()
		}},
		{Name: "length that is too small", serve: func(c *call) {
			whole := string(c.wellBehaved())
			c.raw(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(whole)/2, whole))
		}},
		{Name: "not HTTP", serve: func(c *call) { c.raw("SSH-2.0-OpenSSH_9.6\r\n") }},
		{Name: "invalid status", serve: func(c *call) { c.raw("HTTP/1.1 abc " + c.r.URL.String() + "\r\n\r\n") }},
		{Name: "status 999", serve: func(c *call) { c.raw("HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\n{}") }},
		{Name: "header of 1 MB", serve: func(c *call) {
			c.w.Header().Set("X-Large", strings.Repeat("x", 1<<20))
			c.write(http.StatusOK, "application/json", c.wellBehaved())
		}},
		{Name: "endless header", serve: func(c *call) {
			c.raw("HTTP/1.1 200 OK\r\n" + strings.Repeat("X-Many: x\r\n", 1<<20))
		}},
		{Name: "many early responses", serve: func(c *call) {
			c.raw(strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 100_000))
		}},
	}
}

// lists are pages of lists that do not end.
func lists() []Case {
	return []Case{
		{Name: "the same token forever", Endless: true, serve: func(c *call) { c.answer(http.StatusOK, page(c.action, twoRecords(c.action), "1")) }},
		{Name: "a cycle of tokens", Endless: true, serve: func(c *call) {
			next := map[string]string{"": "1", "1": "2", "2": "3"}[c.r.FormValue("NextToken")]
			if next == "" {
				next = "1"
			}
			c.answer(http.StatusOK, page(c.action, twoRecords(c.action), next))
		}},
		{Name: "new tokens forever, without records", Endless: true, serve: func(c *call) { c.answer(http.StatusOK, page(c.action, nil, c.token())) }},
		{Name: "new tokens forever, with the same records", Endless: true, serve: func(c *call) {
			c.answer(http.StatusOK, page(c.action, twoRecords(c.action), c.token()))
		}},
		{Name: "new tokens forever, with records without ids", Endless: true, serve: func(c *call) {
			c.answer(http.StatusOK, page(c.action, []string{record(c.action, "", "")}, c.token()))
		}},
		{Name: "new tokens forever, with new records", Endless: true, serve: func(c *call) {
			c.answer(http.StatusOK, page(c.action, []string{record(c.action, "i-"+c.token(), "t-"+c.token())}, c.token()))
		}},
		{Name: "token of 1 MB", serve: func(c *call) {
			c.answer(http.StatusOK, page(c.action, twoRecords(c.action), strings.Repeat("t", 1<<20-1000)))
		}},
		{Name: "token with control characters", Endless: true, serve: func(c *call) {
			c.answer(http.StatusOK, strings.Replace(page(c.action, twoRecords(c.action), "TOKEN"), "TOKEN", `\r\nX: y\u001b[2J`, 1))
		}},
		{Name: "token that is a number", serve: func(c *call) {
			c.answer(http.StatusOK, strings.Replace(page(c.action, twoRecords(c.action), "TOKEN"), `"TOKEN"`, `7`, 1))
		}},
		{Name: "the same record twice", serve: func(c *call) {
			c.answer(http.StatusOK, page(c.action, append(twoRecords(c.action), twoRecords(c.action)...), ""))
		}},
	}
}

// ids are records with invalid ids.
func ids() []Case {
	invalid := func(name, id string) Case {
		return Case{Name: name, serve: func(c *call) {
			body := withID(c.action, id)
			if c.action == "RunCommand" {
				body = page(c.action, []string{record(c.action, id, id)}, "")
			}
			c.answer(http.StatusOK, body)
		}}
	}
	return []Case{
		invalid("no id", ""),
		invalid("an id that is a path", "../../../etc/passwd"),
		invalid("an id that is the directory above", ".."),
		invalid("an id with a backslash", `..\..\x`),
		invalid("an id with control characters", "i-1\x1b[2J\r\n\x00"),
		invalid("an id that is a flag", "--all"),
		invalid("an id with blanks", "i-1 i-2"),
		invalid("an id with other letters", "i-\u0430\u202e\u200b"),
		invalid("an id of 100 KB", "i-"+strings.Repeat("1", 100_000)),
	}
}
