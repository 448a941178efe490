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
	MaxParameters         = 10 // values in one call
	MaxParameterNames     = 20 // distinct names in a content
	MaxParameterName      = 64
	MaxContent            = 24 * 1024 // bytes, in Base64
	MaxContentKept        = 18 * 1024 // bytes, in Base64, of a saved command
	MaxOutput             = 24 * 1024 // bytes of output that are kept
	MaxFileName           = 255       // also for the directory
	MaxFileOwner          = 64        // also for the group
	MaxFileContent        = 32 * 1024 // bytes, in Base64
	MaxSendFileInstances  = 50
	MaxStopped            = 50  // instances per StopInvocation
	MaxDescribedInstances = 100 // instances per page or list of ids of DescribeInstances
	MaxDescribedManaged   = 50  // ids per DescribeManagedInstances
	MaxManagedName        = 128 // characters of the name of a managed instance
	DefaultTimeout        = 60  // seconds
	DefaultPageSize       = 10

	MaxActivationName          = 50
	MaxActivationDescription   = 100
	MaxActivationInstances     = 1000
	DefaultActivationInstances = 10
	MaxActivationHours         = 876_576 // 100 years; newer documents have a limit of 4
	DefaultActivationHours     = 4
	minManagedName             = 2 // also for activations

	MinDurationSeconds     = 900 // lifetime of the keys of an assumed role
	MaxDurationSeconds     = 43200
	DefaultDurationSeconds = 3600
)

// Limits are the limits that can be raised for an account. See [DefaultLimits].
type Limits struct {
	RunInstances    int // instances per RunCommand
	InvokeInstances int // instances per InvokeCommand
	PageSize        int // records per page, except of DescribeInstances
}

// DefaultLimits returns the documented limits, which apply to every account.
func DefaultLimits() Limits {
	return Limits{RunInstances: 50, InvokeInstances: 100, PageSize: 50}
}

// MaxClockSkew is the maximum difference of a caller's clock and the service's. The service refuses calls that are signed at another time.
const MaxClockSkew = 15 * time.Minute
