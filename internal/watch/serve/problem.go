package serve

import (
	"encoding/json"
	"fmt"
	"net/http"

	"fleet/internal/foreign"
)

// A Problem is the body of a response with an error status.
type Problem struct {
	Error string `json:"error"` // what happened, and what to do
}

// writeProblem responds with an error. Texts of the request in it are escaped.
func writeProblem(w http.ResponseWriter, status int, format string, args ...any) {
	writeJSON(w, status, Problem{Error: foreign.Escape(fmt.Sprintf(format, args...))})
}

// writeJSON responds with a value that can be encoded.
func writeJSON(w http.ResponseWriter, status int, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"error": "the response cannot be encoded"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // the client is gone
}
