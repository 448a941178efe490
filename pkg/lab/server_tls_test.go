//go:build unix

package lab

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"testing"

	"muster/pkg/assist"
)

// TestTLS calls a lab over HTTPS with and without its authority, and over HTTP.
func TestTLS(t *testing.T) {
	l := newLab(t, Options{Instances: NumberedInstances(2), TLS: true, AllowHosts: []string{"lab"}})
	b := open(t, l)
	if inv := b.settle(b.submit(shell("true"))); inv.InvocationStatus != "Success" {
		t.Error(inv.InvocationStatus)
	}
	get := func(link string, config *tls.Config) (*http.Response, error) {
		transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}
		defer transport.CloseIdleConnections()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := transport.RoundTrip(request)
		if err == nil {
			t.Cleanup(func() { _ = response.Body.Close() })
		}
		return response, err
	}
	for _, name := range []string{"127.0.0.1", "localhost", "lab"} {
		response, err := get(b.url+healthPath, &tls.Config{RootCAs: b.pool, ServerName: name})
		if err != nil || response.StatusCode != http.StatusOK || response.ProtoMajor != 2 {
			t.Errorf("%s: %v, %v", name, response, err)
		}
	}
	if _, err := get(b.url+healthPath, &tls.Config{RootCAs: b.pool, ServerName: "other"}); !isA[x509.HostnameError](err) {
		t.Error(err)
	}
	if _, err := get(b.url+healthPath, nil); !isA[x509.UnknownAuthorityError](err) {
		t.Error(err)
	}
	response, err := get("http://"+b.host+healthPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusBadRequest || string(text) != "Client sent an HTTP request to an HTTPS server.\n" {
		t.Errorf("%s %s", response.Status, text)
	}
}

// TestFaultsOverTLS verifies that responses are dropped and cut over HTTP/2, too.
func TestFaultsOverTLS(t *testing.T) {
	b := open(t, newLab(t, Options{Instances: NumberedInstances(1), TLS: true, Faults: []Fault{
		{Action: "DescribeInstances", Code: "drop", Times: 1}, {Action: "DescribeCommands", Code: "cut", Times: 1},
	}}))
	ctx := context.Background()
	_, err := b.DescribeInstances(ctx, &assist.DescribeInstancesRequest{RegionId: b.lab.Region()})
	if !isA[*assist.TransportError](err) {
		t.Error(err)
	}
	_, err = b.DescribeCommands(ctx, &assist.DescribeCommandsRequest{RegionId: b.lab.Region()})
	if !isA[*assist.TransportError](err) {
		t.Error(err)
	}
	if page, err := b.DescribeInstances(ctx, &assist.DescribeInstancesRequest{RegionId: b.lab.Region()}); err != nil || page.TotalCount != 1 {
		t.Error(page, err)
	}
}

func isA[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}
