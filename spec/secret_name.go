package spec

import (
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

var (
	// secretNouns are words that name a secret, also at the end of another word, as
	// in PGPASSWORD.
	secretNouns = []string{
		"SECRET", "SECRETS", "TOKEN", "TOKENS", "PASSWORD", "PASSWORDS", "PASSWD", "PASSPHRASE",
		"CREDENTIAL", "CREDENTIALS", "APIKEY", "PRIVATEKEY",
	}
	// secretPairs are pairs of words that name a secret.
	secretPairs = [][2]string{{"API", "KEY"}, {"PRIVATE", "KEY"}, {"API", "KEYS"}, {"PRIVATE", "KEYS"}}
	// secretMetadataWords end names of values that only describe a secret:
	// PASSWORD_FILE is a path.
	secretMetadataWords = strings.Fields("DIR DIRECTORY DIRS FILE FILES FILENAME PATH PATHS NAME NAMES ID IDS URL URLS URI ENDPOINT HOST PORT " +
		"TTL LIMIT LIMITS MAX MIN LENGTH LEN SIZE COUNT TYPE TYPES EXPIRY EXPIRES EXPIRATION TIMEOUT LIFETIME AGE DAYS HOURS " +
		"MINUTES SECONDS INTERVAL PARALLELISM BUDGET ISSUER AUDIENCE ALGORITHM ALG PREFIX HEADER FORMAT POLICY PROVIDER STORE " +
		"BACKEND MANAGER REGION VERSION ENABLED DISABLED REQUIRED ROTATION SCOPE SCOPES USERNAME USER EMAIL FIELD ENV VAR " +
		"HELPER COMMAND CMD MODE METHOD ARN MOUNT BUCKET PER WINDOW RATE USAGE")
	// amountWords start names of amounts and switches.
	amountWords = strings.Fields("MAX MIN NUM N TOTAL COUNT ENABLE DISABLE USE SKIP REQUIRE ALLOW NO IS HAS SHOW LIMIT")
	// pathNouns are nouns whose value is often the path of a file.
	pathNouns = strings.Fields("CREDENTIAL CREDENTIALS")
)

// isSecretName reports whether an environment variable of this name, with this
// value, is likely to hold a secret.
func isSecretName(name string, value *yaml.Node) bool {
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

// lastNoun returns the index of the last word that names a secret, and the noun; -1
// if there is none.
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
