package agents

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

var update = flag.Bool("update", false, "update testdata")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
