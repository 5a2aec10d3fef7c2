// Package secretname recognizes environment variables that are likely to hold a secret by
// their names.
package secretname

import (
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

var (
	// secretNouns are the words that name a secret. Words that end in one, such as
	// PGPASSWORD, name one, too.
	secretNouns = []string{
		"SECRET", "SECRETS", "TOKEN", "TOKENS", "PASSWORD", "PASSWORDS", "PASSWD", "PASSPHRASE",
		"CREDENTIAL", "CREDENTIALS", "APIKEY", "PRIVATEKEY",
	}
	// secretPairs are two words that name a secret together.
	secretPairs = [][2]string{{"API", "KEY"}, {"PRIVATE", "KEY"}, {"API", "KEYS"}, {"PRIVATE", "KEYS"}}
	// secretMetadataWords are the last words of names that describe a secret without
	// containing it: PASSWORD_FILE is a path.
	secretMetadataWords = strings.Fields("DIR DIRECTORY DIRS FILE FILES FILENAME PATH PATHS NAME NAMES ID IDS URL URLS URI ENDPOINT HOST PORT " +
		"TTL LIMIT LIMITS MAX MIN LENGTH LEN SIZE COUNT TYPE TYPES EXPIRY EXPIRES EXPIRATION TIMEOUT LIFETIME AGE DAYS HOURS " +
		"MINUTES SECONDS INTERVAL PARALLELISM BUDGET ISSUER AUDIENCE ALGORITHM ALG PREFIX HEADER FORMAT POLICY PROVIDER STORE " +
		"BACKEND MANAGER REGION VERSION ENABLED DISABLED REQUIRED ROTATION SCOPE SCOPES USERNAME USER EMAIL FIELD ENV VAR " +
		"HELPER COMMAND CMD MODE METHOD ARN MOUNT BUCKET PER WINDOW RATE USAGE")
	// amountWords are the first words of names of amounts and switches.
	amountWords = strings.Fields("MAX MIN NUM N TOTAL COUNT ENABLE DISABLE USE SKIP REQUIRE ALLOW NO IS HAS SHOW LIMIT")
	// pathNouns are the nouns whose value is often the path of a file.
	pathNouns = strings.Fields("CREDENTIAL CREDENTIALS")
)

// IsSecret reports whether an environment variable with this name and value is likely
// to hold a secret.
func IsSecret(name string, value *yaml.Node) bool {
	list := nameWords(name)
	at, noun := lastNoun(list)
	switch {
	case at < 0 || value.Tag == "!!bool":
		return false
	case slices.Contains(secretMetadataWords, list[len(list)-1]) && at < len(list)-1:
		return false
	case slices.Contains(amountWords, list[0]) && len(list) > 1:
		return false
	case noun == "TOKENS" && (value.Tag == "!!int" || value.Tag == "!!float"):
		return false
	case slices.Contains(pathNouns, noun) && strings.HasPrefix(value.Value, "/"):
		return false
	}
	return true
}

// IsSecretText is IsSecret for a value that is not written in YAML.
func IsSecretText(name, value string) bool {
	n := &yaml.Node{Kind: yaml.ScalarNode, Value: value}
	n.Tag = n.ShortTag()
	return IsSecret(name, n)
}

// lastNoun returns the index of the last word that names a secret, and the noun in it.
// The index is -1 if there is none.
func lastNoun(list []string) (int, string) {
	for i := len(list) - 1; i >= 0; i-- {
		for _, noun := range secretNouns {
			if strings.HasSuffix(list[i], noun) {
				return i, noun
			}
		}
		if i > 0 && slices.Contains(secretPairs, [2]string{list[i-1], list[i]}) {
			return i, list[i]
		}
	}
	return -1, ""
}

// nameWords returns the words of a name in upper case, without digits: TOKEN2 is a
// token.
func nameWords(name string) []string {
	var b strings.Builder
	before := rune('_')
	for _, r := range name {
		if unicode.IsUpper(r) && unicode.IsLower(before) {
			b.WriteByte(' ')
		}
		if !unicode.IsLetter(r) {
			r = ' '
		}
		b.WriteRune(unicode.ToUpper(r))
		before = r
	}
	return strings.Fields(b.String())
}
