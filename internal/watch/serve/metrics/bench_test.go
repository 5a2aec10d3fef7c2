package metrics

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"fleet/internal/journal"
)

// BenchmarkScrape scrapes a fleet of 5,000 sandboxes.
func BenchmarkScrape(b *testing.B) {
	j := journal.New(time.Now, journal.Head{})
	var objects []journal.Object
	for i := range 5000 {
		objects = append(objects, journal.Object{Address: fmt.Sprintf("sandbox.worker[%d]", i), State: "started"})
	}
	j.SetObjects(objects)
	h := New(j).Handler()
	for b.Loop() {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/metrics", nil))
	}
}
