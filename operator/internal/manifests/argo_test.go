package manifests

import (
	"path/filepath"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
)

// documentedCheck returns the health check for Argo CD in docs/operator.md.
func documentedCheck(t *testing.T) string {
	t.Helper()
	page := string(readFile(t, filepath.Join(repository, "docs/operator.md")))
	_, rest, found := strings.Cut(page, "```lua\n")
	check, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatal("docs/operator.md shows no health check")
	}
	return check
}

// The documented health check gives the health that a user of Argo CD expects.
func TestArgoHealth(t *testing.T) {
	check := documentedCheck(t)
	run := func(object map[string]any) (health, message string) {
		state := lua.NewState()
		defer state.Close()
		state.SetGlobal("obj", luaValue(state, object))
		if err := state.DoString(check); err != nil {
			t.Fatal(err)
		}
		result := state.CheckTable(-1)
		return lua.LVAsString(result.RawGetString("status")), lua.LVAsString(result.RawGetString("message"))
	}
	for _, s := range statusSamples {
		if health, message := run(s.object(t)); health != s.argo || message == "" {
			t.Errorf("%s: %s, %q, want %s", s.name, health, message, s.argo)
		}
	}
	created := map[string]any{"metadata": map[string]any{"generation": int64(1)}, "spec": map[string]any{}}
	if health, _ := run(created); health != "Progressing" {
		t.Errorf("an object without a status: %s", health)
	}
}

// luaValue returns a value of JSON as one of Lua.
func luaValue(state *lua.LState, v any) lua.LValue {
	switch v := v.(type) {
	case map[string]any:
		table := state.NewTable()
		for key, value := range v {
			table.RawSetString(key, luaValue(state, value))
		}
		return table
	case []any:
		table := state.NewTable()
		for _, value := range v {
			table.Append(luaValue(state, value))
		}
		return table
	case string:
		return lua.LString(v)
	case bool:
		return lua.LBool(v)
	case int64:
		return lua.LNumber(v)
	case float64:
		return lua.LNumber(v)
	}
	return lua.LNil
}
