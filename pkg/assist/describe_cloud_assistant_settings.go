package assist

import (
	"net/http"
	"slices"
)

// The values of SettingType.
const (
	SettingSessionManagerDelivery = "SessionManagerDelivery"
	SettingInvocationDelivery     = "InvocationDelivery"
	SettingAgentUpgrade           = "AgentUpgradeConfig"
	SettingSessionManager         = "SessionManagerConfig"
)

// DescribeCloudAssistantSettingsRequest reads settings of the account in a region.
type DescribeCloudAssistantSettingsRequest struct {
	RegionId    string
	SettingType []string // one or more of the values of SettingType
}

// DescribeCloudAssistantSettingsResponse contains the settings of the types in the request.
type DescribeCloudAssistantSettingsResponse struct {
	RequestId            string
	OssDeliveryConfigs   *OssDeliveryConfigs   `json:",omitempty"`
	SlsDeliveryConfigs   *SlsDeliveryConfigs   `json:",omitempty"`
	AgentUpgradeConfig   *AgentUpgradeConfig   `json:",omitempty"`
	SessionManagerConfig *SessionManagerConfig `json:",omitempty"`
}

// OssDeliveryConfigs are the settings of deliveries to OSS.
type OssDeliveryConfigs struct {
	OssDeliveryConfig List[OssDeliveryConfig]
}

// OssDeliveryConfig is the delivery of one type of records to a bucket.
type OssDeliveryConfig struct {
	DeliveryType        string // SessionManager or Invocation
	Enabled             bool
	BucketName          string
	Prefix              string
	EncryptionType      string // Inherit, OssManaged or KMS
	EncryptionAlgorithm string // AES256 or SM4
	EncryptionKeyId     string
}

// SlsDeliveryConfigs are the settings of deliveries to Simple Log Service.
type SlsDeliveryConfigs struct {
	SlsDeliveryConfig List[SlsDeliveryConfig]
}

// SlsDeliveryConfig is the delivery of one type of records to a log store.
type SlsDeliveryConfig struct {
	DeliveryType string // SessionManager or Invocation
	Enabled      bool
	ProjectName  string
	LogstoreName string
}

// AgentUpgradeConfig limits when agents upgrade themselves. Unless it is enabled, they try every 30 minutes.
type AgentUpgradeConfig struct {
	Enabled               bool
	AllowedUpgradeWindows struct {
		AllowedUpgradeWindow List[string] // such as 02:00-03:00
	}
	TimeZone string
}

// SessionManagerConfig is the switch of sessions on instances. It applies to all regions.
type SessionManagerConfig struct{ SessionManagerEnabled bool }

// Action returns the API's name of the action.
func (*DescribeCloudAssistantSettingsRequest) Action() string {
	return "DescribeCloudAssistantSettings"
}

// Repeatable reports true. The call only reads.
func (*DescribeCloudAssistantSettingsRequest) Repeatable() bool { return true }

// Validate checks the types of the settings. An error is a [ValidationErrors].
func (r *DescribeCloudAssistantSettingsRequest) Validate() error {
	var f ValidationErrors
	f.missing("RegionId", r.RegionId)
	if len(r.SettingType) == 0 {
		f.missing("SettingType", "")
	}
	known := []string{SettingSessionManagerDelivery, SettingInvocationDelivery, SettingAgentUpgrade, SettingSessionManager}
	for _, name := range r.SettingType {
		if !slices.Contains(known, name) {
			f.add(http.StatusBadRequest, "InvalidParameter.SettingType", "The specified parameter SettingType is not valid: %s.", name)
		}
	}
	return f.orNil()
}
