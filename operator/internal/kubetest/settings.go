package kubetest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strconv"
)

// Files below the directory of a server.
const (
	auditFile  = "audit.log"
	policyFile = "audit-policy.yaml"
	tokensFile = "tokens.csv"
	keyFile    = "service-accounts.key"
)

// auditPolicy records all requests of others than the server itself, and the bodies of those
// that write, except for Secrets and tokens.
const auditPolicy = `
apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: None
  users: ["system:apiserver"]
- level: Metadata
  resources:
  - {group: "", resources: ["secrets", "serviceaccounts/token"]}
- level: Request
  verbs: [create, update, patch, delete, deletecollection]
- level: Metadata
`

// writeFiles writes what the server reads: the token of the admin, the key of the tokens of
// service accounts, and the audit policy.
func writeFiles(dir, token string) error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	for name, text := range map[string]string{
		tokensFile: token + `,admin,1,"system:masters"` + "\n",
		keyFile:    string(pem.EncodeToMemory(block)),
		policyFile: auditPolicy,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// etcdArgs returns the arguments of the store at url. What it stores need not survive a crash.
func etcdArgs(dir, url string) []string {
	const peer = "http://127.0.0.1:0"
	return []string{
		"--data-dir=" + filepath.Join(dir, "etcd"),
		"--listen-client-urls=" + url,
		"--advertise-client-urls=" + url,
		"--listen-peer-urls=" + peer,
		"--initial-advertise-peer-urls=" + peer,
		"--initial-cluster=default=" + peer,
		"--unsafe-no-fsync",
		"--log-level=warn",
	}
}

// apiServerArgs returns the arguments of the API server. No controller runs:
// service accounts get only the tokens that tests request, and namespaces stay.
func apiServerArgs(dir, store string, port int) []string {
	file := func(name string) string { return filepath.Join(dir, name) }
	return []string{
		"--etcd-servers=" + store,
		"--bind-address=127.0.0.1",
		"--secure-port=" + strconv.Itoa(port),
		"--cert-dir=" + file("certs"),
		"--endpoint-reconciler-type=none", // the others refuse a loopback address
		"--service-cluster-ip-range=10.0.0.0/24",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + file(keyFile),
		"--service-account-signing-key-file=" + file(keyFile),
		"--disable-admission-plugins=ServiceAccount",
		"--token-auth-file=" + file(tokensFile),
		"--authorization-mode=RBAC",
		"--audit-policy-file=" + file(policyFile),
		"--audit-log-path=" + file(auditFile),
		"--audit-log-mode=blocking",
		"--audit-log-maxsize=100000", // MB: it is never rotated
	}
}
