package lab

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

// session is an assumed role, for which the lab has issued temporary keys.
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

// roleID returns the id of the role, which is always the same.
func (s session) roleID() string { return ramID('3', s.RoleArn) }

// ramID returns an id of the form that RAM has, which depends on nothing but the ARN.
func ramID(first byte, arn string) string {
	sum := sha256.Sum256([]byte(arn))
	return fmt.Sprintf("%c%017d", first, binary.BigEndian.Uint64(sum[:])%1e17)
}
