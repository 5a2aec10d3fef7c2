package secretname

import (
	"testing"

	"gopkg.in/yaml.v3"
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
		if got := IsSecret(entry[0].Value, entry[1]); got != want {
			t.Errorf("%s: %t, want %t", line, got, want)
		}
	}
}
