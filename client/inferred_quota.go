package client

import (
	"errors"
	"regexp"
	"strconv"
)

// InferredQuota holds the limits of an organisation as error messages reported them;
// 0 means unknown. They are for all objects together, not for a single one.
type InferredQuota struct {
	CPU       int // vCPU
	Memory    int // GiB
	Disk      int // GiB
	Snapshots int // number of snapshots
	Volumes   int // number of volumes
}

// InferredQuota returns the limits that refused requests have reported since New.
func (c *Client) InferredQuota() InferredQuota {
	c.serverInfo.mu.Lock()
	defer c.serverInfo.mu.Unlock()
	return c.serverInfo.inferredQuota
}

// quotaPatterns find a limit in the message of a refused request.
var quotaPatterns = []struct {
	pattern *regexp.Regexp
	field   func(*InferredQuota) *int
}{
	{regexp.MustCompile(`(?i)^total cpu limit exceeded\. maximum allowed: (\d+)`), func(q *InferredQuota) *int { return &q.CPU }},
	{regexp.MustCompile(`(?i)^total memory limit exceeded\. maximum allowed: (\d+)`), func(q *InferredQuota) *int { return &q.Memory }},
	{regexp.MustCompile(`(?i)^total disk limit exceeded\. maximum allowed: (\d+)`), func(q *InferredQuota) *int { return &q.Disk }},
	{regexp.MustCompile(`(?i)^snapshot quota exceeded\. maximum allowed: (\d+)`), func(q *InferredQuota) *int { return &q.Snapshots }},
	{regexp.MustCompile(`(?i)^volume quota exceeded\. maximum allowed: (\d+)`), func(q *InferredQuota) *int { return &q.Volumes }},
}

// recordQuotaError stores the limit that the error of a call reports, if it does.
func (s *serverInfo) recordQuotaError(err error) {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Class != QuotaExceeded {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range quotaPatterns {
		if m := p.pattern.FindStringSubmatch(e.Message); m != nil {
			*p.field(&s.inferredQuota), _ = strconv.Atoi(m[1])
		}
	}
}
