package lab

import "muster/pkg/assist"

// getCallerIdentity tells who the holder of a key is. The lab's own key is a RAM user's: the service lets no account's key
// assume a role.
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
