package lab

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"muster/pkg/assist"
)

// session is an assumed role with temporary keys that the lab has issued.
type session struct {
	KeyId      string
	RoleArn    string
	Name       string
	Expiration time.Time
}

// account returns the account that the role belongs to.
func (s session) account() string {
	account, _, _ := strings.Cut(strings.TrimPrefix(s.RoleArn, "acs:ram::"), ":")
	return account
}

// role returns the name of the role.
func (s session) role() string {
	_, role, _ := strings.Cut(s.RoleArn, ":role/")
	return role
}

// roleID returns the id of the role, which depends only on its ARN.
func (s session) roleID() string { return ramID('3', s.RoleArn) }

// ramID returns an id in the format of RAM, which depends only on the ARN.
func ramID(first byte, arn string) string {
	sum := sha256.Sum256([]byte(arn))
	return fmt.Sprintf("%c%017d", first, binary.BigEndian.Uint64(sum[:])%1e17)
}

// getCallerIdentity returns the identity that a key belongs to. The lab's own key belongs to a RAM user, because in the service
// the key of an account cannot assume a role.
func getCallerIdentity(c call, _ *assist.GetCallerIdentityRequest) (*assist.GetCallerIdentityResponse, error) {
	if s := c.session; s != nil {
		return &assist.GetCallerIdentityResponse{
			IdentityType: "AssumedRoleUser", AccountId: s.account(), RoleId: s.roleID(), PrincipalId: s.roleID() + ":" + s.Name,
			Arn: "acs:ram::" + s.account() + ":assumed-role/" + s.role() + "/" + s.Name,
		}, nil
	}
	arn := "acs:ram::" + c.identity.Account + ":user/lab"
	id := ramID('2', arn)
	return &assist.GetCallerIdentityResponse{
		IdentityType: "RAMUser", AccountId: c.identity.Account, UserId: id, PrincipalId: id, Arn: arn,
	}, nil
}
