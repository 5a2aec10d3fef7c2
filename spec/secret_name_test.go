package spec

import (
	"testing"

	"gopkg.in/yaml.v3"

	"fleet/internal/yamldoc"
)

func TestNamesSecret(t *testing.T) {
	for line, want := range map[string]bool{
		"API_TOKEN: abc":                        true,
		"TOKEN2: abc":                           true,
		"token: abc":                            true,
		"githubToken: abc":                      true,
		"PGPASSWORD: abc":                       true,
		"DB_PASSWD: abc":                        true,
		"PASSWORD: 123456":                      true,
		"SSH_PASSPHRASE: abc":                   true,
		"AWS_SECRET_ACCESS_KEY: abc":            true,
		"SECRET_KEY_BASE: abc":                  true,
		"OPENAI_API_KEY: sk-1":                  true,
		"OPENAI_APIKEY: sk-1":                   true,
		"SIGNING_PRIVATE_KEY: abc":              true,
		"GITHUB_TOKEN_ACME: abc":                true,
		"API_TOKENS: 'a,b'":                     true,
		"SERVICE_CREDENTIALS: '{}'":             true,
		"SECRET: 'true'":                        true,
		"MAX_TOKENS: 4096":                      false,
		"MAX_TOKENS: '4096'":                    false,
		"maxTokens: 4096":                       false,
		"MAX_TOKEN_COUNT: 4096":                 false,
		"CONTEXT_TOKENS: 8192":                  false,
		"TOKENIZERS_PARALLELISM: false":         false,
		"TOKENIZERS_PARALLELISM: 'false'":       false,
		"TOKENIZER: bert":                       false,
		"SECRETS_DIR: /run/secrets":             false,
		"PASSWORD_FILE: /run/secrets/db":        false,
		"POSTGRES_PASSWORD_FILE: /run/db":       false,
		"PASSWORD_MIN_LENGTH: 12":               false,
		"TOKEN_URL: https://login.example":      false,
		"OAUTH_TOKEN_ENDPOINT: https://a":       false,
		"TOKEN_TTL: 1h":                         false,
		"SECRET_NAME: db":                       false,
		"PRIVATE_KEY_PATH: /k.pem":              false,
		"API_KEY_HEADER: X-Key":                 false,
		"ENABLE_PASSWORD: yes":                  false,
		"USE_TOKEN: true":                       false,
		"GOOGLE_APPLICATION_CREDENTIALS: /c.js": false,
		"SECRETARY: anna":                       false,
		"KEYBOARD: us":                          false,
		"PUBLIC_KEY: ssh-ed25519 AAAA":          false,
	} {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(line), &doc); err != nil {
			t.Fatal(err)
		}
		entry := doc.Content[0].Content
		if got := isSecretName(entry[0].Value, entry[1]); got != want {
			t.Errorf("%s: %t, want %t", line, got, want)
		}
	}
}

func TestAcknowledges(t *testing.T) {
	for line, want := range map[string]struct {
		codes string
		found bool
	}{
		"image: a:b # fleet:ignore moving-tag":                     {"moving-tag", true},
		"image: a:b #fleet:ignore moving-tag":                      {"moving-tag", true},
		"a: 1\t# fleet:ignore x, y":                                {"x y", true},
		"a: 1 # fleet:ignore x y -- since z":                       {"x y", true},
		"a: 1 # fleet:ignore x\r":                                  {"x", true},
		"# fleet:ignore x":                                         {"x", true},
		"a: 1 # fleet:ignore":                                      {"", true},
		"a: 1 # fleet:ignored x":                                   {"", false},
		"a: 1 # see fleet:ignore x":                                {"", false},
		"a: b# fleet:ignore x":                                     {"", false},
		`a: "b # fleet:ignore x"`:                                  {"", false},
		`a: 'it''s # fleet:ignore x'`:                              {"", false},
		`a: "\" # fleet:ignore x"`:                                 {"", false},
		`a: "\\" # fleet:ignore x`:                                 {"x", true},
		`a: '\' # fleet:ignore x`:                                  {"x", true},
		`a: it's # fleet:ignore x`:                                 {"x", true},
		`w: {image: "a # b", env_vars: {T: 'x'}} # fleet:ignore x`: {"x", true},
	} {
		codes, found := yamldoc.ParseSuppression(line)
		got := ""
		for i, c := range codes {
			if i > 0 {
				got += " "
			}
			got += c
		}
		if got != want.codes || found != want.found {
			t.Errorf("%s: %q %t, want %q %t", line, got, found, want.codes, want.found)
		}
	}
}
