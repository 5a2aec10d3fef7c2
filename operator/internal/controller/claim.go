package controller

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"fleet/operator/api/v1alpha1"
)

// claimIndex is the index of objects by the fleet that they declare.
const claimIndex = "claim"

// claimKey returns what is unique among objects; "" for none.
func claimKey(s *v1alpha1.FleetStatus) string {
	if s.Fleet == "" {
		return ""
	}
	return s.Organization + "/" + s.Fleet
}

// indexClaim is the function of the index.
func indexClaim(o client.Object) []string {
	if f, ok := o.(*v1alpha1.Fleet); ok && claimKey(&f.Status) != "" {
		return []string{claimKey(&f.Status)}
	}
	return nil
}

// claim claims the fleet for the object, and returns another object that declares the
// same fleet of the same organisation; "" for none. The claim is in the status before
// anything is sent: of two objects at the same time, at least one sees the other.
func (w *work) claim(ctx context.Context) (taken string, err error) {
	organization, err := w.entry.session.Organization(ctx)
	if err != nil {
		return "", err
	}
	status := &w.fleet.Status
	isNew := status.Fleet != w.entry.session.Fleet().Name || status.Organization != organization
	if isNew {
		status.Fleet, status.Organization = w.entry.session.Fleet().Name, organization
		if err := w.writeStatus(ctx); err != nil {
			return "", err
		}
	}
	others := &v1alpha1.FleetList{}
	if isNew { // the cache may not have what was written a moment ago
		others, err = w.readFleets(ctx)
	} else {
		err = w.Client.List(ctx, others, client.MatchingFields{claimIndex: claimKey(status)})
	}
	if err != nil {
		return "", err
	}
	for i := range others.Items {
		if o := &others.Items[i]; o.UID != w.fleet.UID && claimKey(&o.Status) == claimKey(status) {
			return fmt.Sprintf("%s/%s", o.Namespace, o.Name), nil
		}
	}
	return "", nil
}

// readFleets reads the objects that this operator reconciles from the API server. It may have
// access to its namespaces only.
func (r *Reconciler) readFleets(ctx context.Context) (*v1alpha1.FleetList, error) {
	all := &v1alpha1.FleetList{}
	if len(r.Namespaces) == 0 {
		return all, r.Reader.List(ctx, all)
	}
	for _, namespace := range r.Namespaces {
		list := &v1alpha1.FleetList{}
		if err := r.Reader.List(ctx, list, client.InNamespace(namespace)); err != nil {
			return nil, err
		}
		all.Items = append(all.Items, list.Items...)
	}
	return all, nil
}
