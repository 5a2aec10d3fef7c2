package manifests

import (
	"slices"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"fleet/operator/internal/kubetest"
)

// verbs are all verbs of objects.
var verbs = []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"}

// An access is what may be done in a namespace: verbs by resource.
type access map[string][]string

// everywhere is what the operator may do where it reconciles.
var everywhere = access{
	"daytona.fleet/fleets":            {"get", "list", "watch", "patch"},
	"daytona.fleet/fleets/status":     {"patch"},
	"daytona.fleet/fleets/finalizers": {"update"},
	"/configmaps":                     {"get", "list", "watch", "create", "patch", "delete"},
	"/secrets":                        {"get", "list", "watch"},
	"events.k8s.io/events":            {"create", "patch"},
}

// openGroups are groups with what every service account may do: ask about itself, and read the
// certificates that all trust.
var openGroups = []string{"authorization.k8s.io", "authentication.k8s.io", "certificates.k8s.io"}

// leases is what it may do in its own namespace in addition.
var leases = access{"coordination.k8s.io/leases": {"get", "list", "create", "update", "delete"}}

// The service account of the operator may do what the operator does, and nothing else: in
// each namespace where it reconciles, in its own, and in others.
func TestAccess(t *testing.T) {
	const other = "default"
	withoutWatch := access{}
	for resource, allowed := range everywhere {
		withoutWatch[resource] = allowed
	}
	withoutWatch["/configmaps"], withoutWatch["/secrets"] = []string{"get", "create", "patch", "delete"}, []string{"get"}
	for _, test := range []struct {
		name       string
		components []string
		own, other []access
	}{
		{"all namespaces", nil, []access{everywhere, leases}, []access{everywhere}},
		{"one namespace", []string{"one-namespace"}, []access{everywhere, leases}, nil},
		{"without watch", []string{"without-watch"}, []access{withoutWatch, leases}, []access{withoutWatch}},
	} {
		t.Run(test.name, func(t *testing.T) {
			env := kubetest.New(t)
			a := newApplier(env.Admin())
			all := kustomized(t, test.components...)
			install(t, a, all)
			removeAfter(t, a, all)
			client := kubernetes.NewForConfigOrDie(operatorConfig(t, env))
			compareAccess(t, client, namespace, test.own)
			compareAccess(t, client, other, test.other)
		})
	}
}

// operatorToken returns a token of the service account of the operator.
func operatorToken(t *testing.T, env *kubetest.Env) string {
	t.Helper()
	hour := int64(3600)
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &hour}}
	request, err := env.Client().CoreV1().ServiceAccounts(namespace).CreateToken(t.Context(), "fleet-operator", request, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return request.Status.Token
}

// compareAccess compares what is allowed with each verb and resource that the server knows.
func compareAccess(t *testing.T, client *kubernetes.Clientset, ns string, want []access) {
	t.Helper()
	_, lists, err := client.Discovery().ServerGroupsAndResources()
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, list := range lists {
		group, _, found := strings.Cut(list.GroupVersion, "/")
		if !found {
			group = ""
		}
		if slices.Contains(openGroups, group) {
			continue
		}
		names := []string{}
		for _, r := range list.APIResources {
			names = append(names, r.Name)
		}
		if group == "daytona.fleet" {
			names = append(names, "fleets/finalizers")
		}
		for _, name := range names {
			for _, verb := range verbs {
				asked++
				compareOne(t, client, ns, group, name, verb, slices.ContainsFunc(want, func(a access) bool {
					return slices.Contains(a[group+"/"+name], verb)
				}))
			}
		}
	}
	if asked < 300 {
		t.Errorf("only %d combinations", asked)
	}
}

// compareOne asks whether one verb is allowed.
func compareOne(t *testing.T, client *kubernetes.Clientset, ns, group, name, verb string, want bool) {
	t.Helper()
	resource, sub, _ := strings.Cut(name, "/")
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: ns, Verb: verb, Group: group, Resource: resource, Subresource: sub},
	}}
	review, err := client.AuthorizationV1().SelfSubjectAccessReviews().Create(t.Context(), review, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if review.Status.Allowed != want {
		t.Errorf("%s of %s/%s in %s: allowed %v, want %v", verb, group, name, ns, review.Status.Allowed, want)
	}
}
