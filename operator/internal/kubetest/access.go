package kubetest

import (
	"os"
	"path/filepath"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"fleet/operator/internal/kubetest/binaries"
)

// Access is what a service account may do.
type Access struct {
	Namespace []rbacv1.PolicyRule // in the namespace of the test
	Cluster   []rbacv1.PolicyRule // in all namespaces, and on cluster-scoped objects
}

// ServiceAccount creates a service account in the namespace of the test, with a token that is
// valid for an hour, and returns the configuration of its clients.
func (e *Env) ServiceAccount(t testing.TB, name string, a Access) *rest.Config {
	t.Helper()
	client, ctx := e.Client(), t.Context()
	accounts := client.CoreV1().ServiceAccounts(e.Namespace)
	meta := metav1.ObjectMeta{Name: name}
	_, err := accounts.Create(ctx, &corev1.ServiceAccount{ObjectMeta: meta}, metav1.CreateOptions{})
	must(t, err)

	subjects := []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: name, Namespace: e.Namespace}}
	if len(a.Namespace) > 0 {
		_, err := client.RbacV1().Roles(e.Namespace).Create(ctx, &rbacv1.Role{ObjectMeta: meta, Rules: a.Namespace}, metav1.CreateOptions{})
		must(t, err)
		ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: name}
		_, err = client.RbacV1().RoleBindings(e.Namespace).Create(ctx, &rbacv1.RoleBinding{ObjectMeta: meta, Subjects: subjects, RoleRef: ref}, metav1.CreateOptions{})
		must(t, err)
	}
	if len(a.Cluster) > 0 {
		meta := metav1.ObjectMeta{Name: e.Namespace + "-" + name}
		_, err := client.RbacV1().ClusterRoles().Create(ctx, &rbacv1.ClusterRole{ObjectMeta: meta, Rules: a.Cluster}, metav1.CreateOptions{})
		must(t, err)
		ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: meta.Name}
		_, err = client.RbacV1().ClusterRoleBindings().Create(ctx, &rbacv1.ClusterRoleBinding{ObjectMeta: meta, Subjects: subjects, RoleRef: ref}, metav1.CreateOptions{})
		must(t, err)
	}
	hour := int64(3600)
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &hour}}
	request, err = accounts.CreateToken(ctx, name, request, metav1.CreateOptions{})
	must(t, err)
	config := e.Admin()
	config.BearerToken = request.Status.Token
	return config
}

// Kubectl returns the path of kubectl.
func (e *Env) Kubectl() string {
	return filepath.Join(e.server.bin, binaries.Kubectl)
}

// Kubeconfig writes a file for kubectl and other programs, with the namespace of the test, and
// returns its path. Its address is that of config, so that it may be that of a proxy.
func (e *Env) Kubeconfig(t testing.TB, config *rest.Config) string {
	t.Helper()
	ca, err := os.ReadFile(config.CAFile)
	must(t, err)
	file := filepath.Join(t.TempDir(), "kubeconfig")
	must(t, clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{"test": {Server: config.Host, CertificateAuthorityData: ca}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{"test": {Token: config.BearerToken}},
		Contexts:       map[string]*clientcmdapi.Context{"test": {Cluster: "test", AuthInfo: "test", Namespace: e.Namespace}},
		CurrentContext: "test",
	}, file))
	return file
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
