package client

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestClassify(t *testing.T) {
	for _, test := range []struct {
		status int
		text   string
		want   ErrorClass
	}{
		{302, "", NotDaytona},
		{400, "", BadRequest},
		{400, "Sandbox failed to start: No available runners", FailedToStart},
		{400, "Snapshot team/py:3 is pulling", InTransition},
		{400, "Snapshot deactivation is still in progress. Wait.", InTransition},
		{400, "Volume 'v' is not in a ready state. Current state: error", IllegalState},
		{400, "Snapshot py is already active", IllegalState},
		{400, "No available runners with GPU type: H100", NoCapacity},
		{400, "Disk request 20GB exceeds maximum allowed per non-ephemeral sandbox (10GB)", TooBig},
		{400, "CPU request 20 exceeds maximum allowed per sandbox (16).\nNeed higher resource limits per-sandbox?", TooBig},
		{403, "Memory request 9GB exceeds maximum allowed per sandbox (8GB)", TooBig},
		{400, "Total GPU limit exceeded", QuotaExceeded},
		{402, "", BadRequest},
		{403, "Organization is suspended: Payment method required", Suspended},
		{403, "Region eu is not available to the organization for class container", Forbidden},
		{409, "Sandbox was modified by another operation", Busy},
		{409, "Volume cannot be deleted because it is in use by one or more sandboxes (e.g. X)", InUse},
		{409, "", Busy},
		{418, "", BadRequest},
		{502, "", ServerError},
		{503, "Service is currently under maintenance. Please try again later.", Maintenance},
		{503, "Object storage is not configured", ServerError},
	} {
		if got := classify(test.status, test.text); got != test.want {
			t.Errorf("%d %q: got %s, want %s", test.status, test.text, got, test.want)
		}
	}
}

// recorded are error messages of a real server. Every error among the recordings must
// match one of them.
var recorded = []struct {
	status int
	prefix string
	want   ErrorClass
}{
	{400, "At least one of networkBlockAll", BadRequest},
	{400, "Auto-stop interval must be non-negative", BadRequest},
	{400, "CPU request 99 exceeds", TooBig},
	{400, "Cannot specify", BadRequest},
	{400, "Disk resize can only be performed on a stopped sandbox", IllegalState},
	{400, "Images with tag", BadRequest},
	{400, "Invalid", BadRequest},
	{400, "No available runners", NoCapacity},
	{400, "No resource changes specified", IllegalState},
	{400, "Sandbox disk size cannot be decreased", BadRequest},
	{400, "Sandbox failed to start", FailedToStart},
	{400, "Sandbox is in an errored state", IllegalState},
	{400, "Sandbox is not in a recoverable state", IllegalState},
	{400, "Sandbox is not in a stoppable state", IllegalState},
	{400, "Sandbox is not stopped", IllegalState},
	{400, "Sandbox must be in started or stopped state to resize", IllegalState},
	{400, "Snapshot quota exceeded", QuotaExceeded},
	{400, "Snapshot snap-a is removing", InTransition},
	{400, "Snapshot snap-c is inactive", IllegalState},
	{400, "Snapshot snap-missing is error", IllegalState},
	{400, "Total CPU limit exceeded", QuotaExceeded},
	{400, "Validation failed (uuid is expected)", BadRequest},
	{400, "Volume 'vol-a' is not in a ready state. Current state: pending_create", InTransition},
	{400, "Volume must be in 'ready' or 'error' state", InTransition},
	{400, "Volume quota exceeded", QuotaExceeded},
	{400, "Volume with name broken already exists", NameTaken},
	{400, "Volume with name vol-b already exists", NameTaken},
	{400, "cpu must not be less than 1", BadRequest},
	{400, "each value must be one of", BadRequest},
	{400, "env must be an object", BadRequest},
	{400, "limit must not be greater", BadRequest},
	{400, "name must", BadRequest},
	{401, "Invalid credentials", Unauthorized},
	{403, "Access denied", Forbidden},
	{404, "Cannot GET /api/nope", NotSupported},
	{404, "Cannot POST /api/sandbox", NotSupported},
	{404, "Region not found", NotFound},
	{404, "Sandbox with ID or name", NotFound},
	{404, "Snapshot with", NotFound},
	{404, "Volume with", NotFound},
	{409, "An operation is already in progress", Busy},
	{409, "Sandbox state change in progress", InTransition},
	{409, "Sandbox with name box-a already exists", NameTaken},
	{409, "Snapshot with name \"oops\" already exists", NameTaken},
	{422, "Pausing is not supported", NotSupported},
	{429, "ThrottlerException", RateLimited},
	{500, "An unexpected error occurred.", ServerError},
}

func TestClassifyRecordings(t *testing.T) {
	files, _ := filepath.Glob("../../shared/daytona/recordings/*.json")
	if len(files) == 0 {
		t.Skip("no recordings of a server in ../../shared/daytona/recordings")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var recording struct {
			Response struct {
				Status int
				Body   json.RawMessage
			}
		}
		if err := json.Unmarshal(data, &recording); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		status, message := recording.Response.Status, errorMessage(recording.Response.Body)
		if status < 300 {
			continue
		}
		if got, want := classify(status, message), recordedClass(status, message); got != want {
			t.Errorf("%s: %d %q: got %s, want %s", filepath.Base(file), status, message, got, want)
		}
	}
}

func recordedClass(status int, message string) ErrorClass {
	for _, r := range recorded {
		if r.status == status && strings.HasPrefix(message, r.prefix) {
			return r.want
		}
	}
	return "missing in the table"
}
