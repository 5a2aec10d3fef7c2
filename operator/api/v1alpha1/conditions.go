package v1alpha1

// The types of conditions, which [Conditions] documents. Ready, Reconciling and Stalled have
// the meaning that kstatus defines.
const (
	Ready       = "Ready"
	Reconciling = "Reconciling"
	Stalled     = "Stalled"
	Planned     = "Planned"
	Blocked     = "Blocked"
	Degraded    = "Degraded"
)

// The reasons of conditions, which [Reasons] documents.
const (
	ReasonInSync            = "InSync"
	ReasonAsExpected        = "AsExpected"
	ReasonNoChanges         = "NoChanges"
	ReasonPlanned           = "ChangesPlanned"
	ReasonApplying          = "Applying"
	ReasonDrifted           = "Drifted"
	ReasonWaiting           = "Waiting"
	ReasonApproval          = "ApprovalNeeded"
	ReasonFailed            = "ChangesFailed"
	ReasonSuspended         = "Suspended"
	ReasonUnknown           = "Unknown"
	ReasonUnreachable       = "ServerUnreachable"
	ReasonRegistry          = "RegistryUnavailable"
	ReasonRefused           = "CredentialsRefused"
	ReasonPlanRefused       = "PlanRefused"
	ReasonTaken             = "FleetNameTaken"
	ReasonNotStored         = "MemoryNotStored"
	ReasonCluster           = "ClusterError"
	ReasonInvalidSpec       = "InvalidSpec"
	ReasonSpecTooLarge      = "SpecTooLarge"
	ReasonSecretNotFound    = "SecretNotFound"
	ReasonConfigMapNotFound = "ConfigMapNotFound"
	ReasonInvalidServer     = "InvalidServer"
	ReasonNotAllowed        = "NotAllowed"
)

// A Term is a word of the status, with its meaning for users.
type Term struct {
	Name    string
	Meaning string // one sentence or more, in Markdown
	Do      string // what a user does about it; empty for nothing
}

// Conditions are the types of conditions, in the order in which a user looks at them.
var Conditions = []Term{
	{Ready, "Everything is as the spec wants it.", ""},
	{Stalled, "Trying again cannot help: a user has to change something. Absent otherwise.", "do what the message names"},
	{Reconciling, "The operator continues without a user: changes are being applied, or what failed is tried again. Absent otherwise.", ""},
	{Blocked, "A part of the plan waits for a user: an approval, a conflict, a protected object.", "do what the message names"},
	{Degraded, "Changes failed, or the server or what the operator needs in the cluster could not be reached. All are tried again.", "see the message if it stays"},
	{Planned, "The last comparison found something to change.", ""},
}

// Reasons are the reasons of conditions: first those of a fleet that works, then those that
// need a user.
var Reasons = []Term{
	{ReasonInSync, "Everything is as the spec wants it.", ""},
	{ReasonAsExpected, "Nothing is blocked, or nothing failed.", ""},
	{ReasonNoChanges, "The plan is empty.", ""},
	{ReasonPlanned, "The plan has changes.", ""},
	{ReasonApplying, "Changes are being applied.", ""},
	{ReasonDrifted, "The fleet differs from the spec, and `spec.mode` or the dry run keeps it so.", "read the plan in the ConfigMap that `status.plan.configMap` names"},
	{ReasonWaiting, "The rest of the plan waits; the message names the reason.", "see the message"},
	{ReasonUnknown, "The fleet was not compared with the server yet.", ""},
	{ReasonSuspended, "`spec.suspend` is true: nothing is compared or changed.", ""},
	{ReasonApproval, "The plan destroys more than it may.", "approve it by its digest, or raise `spec.allowDestroy`"},
	{ReasonFailed, "Steps failed; they are tried again.", "see the message, and [troubleshooting.md](troubleshooting.md)"},
	{ReasonUnreachable, "The server could not be read; it is tried again.", "check `spec.server.url`, the NetworkPolicy, and the state of Daytona"},
	{ReasonRegistry, "A registry gave no digest for an image with `pull: always`; it is asked again.", "write the digest instead of the tag, or use a registry that needs no credentials"},
	{ReasonNotStored, "What a restarted operator has to know was not stored; changes continue.", "check the permissions and the quota for ConfigMaps"},
	{ReasonCluster, "Kubernetes or the disk of the operator refused what it needs, for example to read a Secret; it is tried again, and nothing is compared meanwhile.", "ask the administrator of the operator, with the message"},
	{ReasonRefused, "The server refuses the API key.", "put a valid key into the Secret"},
	{ReasonPlanRefused, "The server would refuse the plan as a whole, for example for its quota; nothing was sent.", "see the message"},
	{ReasonTaken, "Another object declares the same fleet for the same organization.", "delete one of the two objects, or rename its fleet"},
	{ReasonInvalidSpec, "The spec is wrong; the last valid one stays in use until the operator restarts or another replica takes the fleet over.", "correct it at the place that the message names"},
	{ReasonSpecTooLarge, "The spec or its files exceed a limit.", "split it among ConfigMaps or fleets"},
	{ReasonSecretNotFound, "A Secret or its key does not exist.", "create it as the message shows"},
	{ReasonConfigMapNotFound, "A ConfigMap or its key does not exist.", "create it as the message shows"},
	{ReasonInvalidServer, "`spec.server` cannot be used.", "correct it"},
	{ReasonNotAllowed, "The rules of the operator refuse the server, the Secret or the fleet name.", "use one that is allowed, or ask the administrator of the operator"},
}
