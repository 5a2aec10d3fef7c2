package policy

import (
	"testing"

	"pgregory.net/rapid"
)

// TestApprovals holds the states of an approval.
func TestApprovals(t *testing.T) {
	var a Approvals
	expect := func(digest, why string, approved bool) {
		t.Helper()
		if d, w, ok := a.Pending(); d != digest || w != why || ok != approved {
			t.Fatalf("pending: %q %q %t", d, w, ok)
		}
	}
	refused := func(digest, want string) {
		t.Helper()
		if err := a.Approve(digest); err == nil || err.Error() != want {
			t.Fatalf("%v", err)
		}
	}
	const none = "no plan waits for approval; fleet plan shows whether there is something to do"
	refused("", none)
	refused("x", none)
	if a.Take("") {
		t.Fatal("nothing was approved")
	}
	a.Offer("one", "first")
	expect("one", "first", false)
	if a.Take("one") {
		t.Fatal("an offer is no approval")
	}
	refused("t\x1bwo", `no plan with the digest t\x1bwo waits for approval: the plan has changed, and its digest is now one; review it, and approve that digest`)
	expect("one", "first", false)
	if err := a.Approve("one"); err != nil {
		t.Fatal(err)
	}
	a.Offer("one", "still") // the next pass finds the same plan
	expect("one", "still", true)
	if a.Take("two") {
		t.Fatal("another plan was approved")
	}
	expect("one", "still", true)
	if !a.Take("one") || a.Take("one") {
		t.Fatal("it is not taken once")
	}
	expect("", "", false)
	refused("one", none)
}

// TestApprovalIsForOneDigest: any sequence of calls takes a digest only if it was
// approved since it was offered, and once for each approval.
func TestApprovalIsForOneDigest(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var a Approvals
		offered, approved := "", ""
		for range rapid.IntRange(1, 30).Draw(rt, "calls") {
			digest := rapid.SampledFrom([]string{"", "a", "b"}).Draw(rt, "digest")
			switch rapid.SampledFrom([]string{"offer", "approve", "take"}).Draw(rt, "call") {
			case "offer":
				a.Offer(digest, "")
				if digest != offered {
					offered, approved = digest, ""
				}
			case "approve":
				if ok := a.Approve(digest) == nil; ok != (digest != "" && digest == offered) {
					rt.Fatalf("approve %q: %t, offered is %q", digest, ok, offered)
				} else if ok {
					approved = digest
				}
			case "take":
				if ok := a.Take(digest); ok != (digest != "" && digest == approved) {
					rt.Fatalf("take %q: %t, approved is %q", digest, ok, approved)
				} else if ok {
					offered, approved = "", ""
				}
			}
		}
	})
}
