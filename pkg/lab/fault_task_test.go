//go:build unix

package lab

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"muster/pkg/assist"
)

// TestTaskFaultsDependOnTheSeed checks that the same instances fail whatever the order of their tasks, that another seed fails
// other instances, and that *TIMES fails those that were sent first.
func TestTaskFaultsDependOnTheSeed(t *testing.T) {
	const n = 40
	failed := func(seed uint64, texts ...string) string {
		var ids []string
		inBubble(t, n, func(b *bubble) {
			b.lab.faults.seed = seed
			b.lab.setFaults(t, texts...)
			for range 2 {
				id := b.periodic(n, func(*assist.RunCommandRequest) {})
				b.after(time.Minute)
				for _, it := range b.describe(id).InvokeInstances.InvokeInstance {
					if it.ErrorCode != "" {
						ids = append(ids, it.InstanceId)
					}
				}
			}
			file := &assist.SendFileRequest{RegionId: "cn-hangzhou", Name: "f", TargetDir: "/tmp", Content: "x"}
			for i := range n {
				file.InstanceId = append(file.InstanceId, nth(i+1))
			}
			sent := b.must(file).(*assist.SendFileResponse)
			b.after(time.Minute)
			answer := b.must(&assist.DescribeSendFileResultsRequest{RegionId: "cn-hangzhou", InvokeId: sent.InvokeId})
			for _, it := range answer.(*assist.DescribeSendFileResultsResponse).Invocations.Invocation[0].InvokeInstances.InvokeInstance {
				if it.ErrorCode != "" {
					ids = append(ids, "file "+it.InstanceId)
				}
			}
		})
		return strings.Join(ids, " ")
	}
	shares := []string{"task=ExitCodeNonzero@40%", "task=hang@20%", "file=FileCreateFail@40%"}
	first := failed(1, shares...)
	for range 5 {
		if again := failed(1, shares...); again != first {
			t.Fatalf("got %[2]s\nafter\n%[1]s", first, again)
		}
	}
	if first == failed(2, shares...) {
		t.Error("another seed fails the same instances")
	}
	want := fmt.Sprint(nth(1), " ", nth(2), " file ", nth(1))
	for range 5 {
		if got := failed(1, "task=DeliveryTimeout*2", "file=FileCreateFail*1"); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
}

func (l *Lab) setFaults(t *testing.T, texts ...string) {
	t.Helper()
	if err := l.SetFaults(parseFaults(t, texts)); err != nil {
		t.Fatal(err)
	}
}
