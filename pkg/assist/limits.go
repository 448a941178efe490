package assist

import "time"

// The API's fixed limits.
const (
	MaxName               = 128
	MaxDescription        = 512
	MaxWorkingDir         = 200
	MaxUsername           = 255
	MaxPasswordName       = 255
	MaxLauncher           = 1024
	MaxClientToken        = 64
	MaxTags               = 20
	MaxTagKey             = 64
	MaxTagValue           = 128
	MaxParameters         = 10 // values passed in one call
	MaxParameterNames     = 20 // distinct names in a content
	MaxParameterName      = 64
	MaxContent            = 24 * 1024 // bytes, in Base64
	MaxContentKept        = 18 * 1024 // bytes, in Base64, of a command that is kept
	MaxOutput             = 24 * 1024 // bytes of output that are kept
	MaxFileName           = 255       // also of the directory
	MaxFileOwner          = 64        // also of the group
	MaxFileContent        = 32 * 1024 // bytes, in Base64
	MaxSendFileInstances  = 50
	MaxStopped            = 50  // instances a StopInvocation
	MaxDescribedInstances = 100 // instances a page or an id list of DescribeInstances
	MaxDescribedManaged   = 50  // ids a DescribeManagedInstances
	DefaultTimeout        = 60  // seconds
	DefaultPageSize       = 10

	MinDurationSeconds     = 900 // of the keys of an assumed role
	MaxDurationSeconds     = 43200
	DefaultDurationSeconds = 3600
)

// Limits are those that an account can have raised. The defaults are the documents'.
type Limits struct {
	RunInstances    int // instances a RunCommand
	InvokeInstances int // instances an InvokeCommand
	PageSize        int // records a page of everything but DescribeInstances
}

// DefaultLimits are those of an account that has asked for nothing.
func DefaultLimits() Limits {
	return Limits{RunInstances: 50, InvokeInstances: 100, PageSize: 50}
}

// MaxClockSkew is how far a caller's clock may be from the service's, either way: it takes no call that is signed at another time.
const MaxClockSkew = 15 * time.Minute
