package telemetry

import (
	"fmt"
	"net/url"
	"testing"

	"fleet/client"
)

func TestAddresses(t *testing.T) {
	for _, test := range []struct {
		url, template string
		class         client.RateClass
		want          string // server, port and URL
	}{
		{"https://app.daytona.io/api/sandbox/secret/stop?x=secret", "/sandbox/{id}/stop", "", "app.daytona.io 443 https://app.daytona.io/api/sandbox/REDACTED/stop"},
		{"https://user:secret@app.daytona.io/api/sandbox#secret", "/sandbox", "", "app.daytona.io 443 https://app.daytona.io/api/sandbox"},
		{"http://10.0.0.1:3000/sandbox/a%2Fsecret/autostop/30", "/sandbox/{id}/autostop/{value}", "", "10.0.0.1 3000 http://10.0.0.1:3000/sandbox/REDACTED/autostop/REDACTED"},
		{"http://[::1]/api/config", "/config", "", "::1 80 http://[::1]/api/config"},
		{"http://[::1]:8080/api/config", "/config", "", "::1 8080 http://[::1]:8080/api/config"},
		{"https://proxy.example/toolbox/secret/process/execute", "/toolbox/{id}/process/execute", client.RateToolbox, "proxy.example 443 https://proxy.example/toolbox/REDACTED/process/execute"},
		{"https://proxy.example/api/toolbox/secret/toolbox/process/execute", "/toolbox/{id}/process/execute", client.RateToolbox, "proxy.example 443 https://proxy.example/REDACTED"},
		{"https://3000-secret.proxy.example:8443/health/secret", "/preview/{port}/{path}", client.RatePreview, "REDACTED.proxy.example 8443 https://REDACTED.proxy.example:8443/REDACTED"},
		{"http://127.0.0.1:4000/secret", "/preview/{port}/{path}", client.RatePreview, "127.0.0.1 4000 http://127.0.0.1:4000/REDACTED"},
		{"http://localhost/secret", "/preview/{port}/{path}", client.RatePreview, "localhost 80 http://localhost/REDACTED"},
		{"https://app.daytona.io/secret", "", "", "app.daytona.io 443 https://app.daytona.io/REDACTED"},
		{"https://app.daytona.io", "", "", "app.daytona.io 443 https://app.daytona.io/REDACTED"},
		{"https://app.daytona.io/secret", "/sandbox/{id}", "", "app.daytona.io 443 https://app.daytona.io/REDACTED"},
	} {
		u, err := url.Parse(test.url)
		if err != nil {
			t.Fatal(err)
		}
		server := serverAttributes(u, test.class)
		got := fmt.Sprintf("%s %d %s", server[0].Value.AsString(), server[1].Value.AsInt64(), publicURL(u, test.template, test.class))
		if got != test.want {
			t.Errorf("%s: got %s, want %s", test.url, got, test.want)
		}
	}
}
