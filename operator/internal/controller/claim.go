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
		err = w.readAll(ctx, others)
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

// readAll reads the objects of the namespaces that the operator reconciles. It may have no
// right to list those of all namespaces.
func (w *work) readAll(ctx context.Context, into *v1alpha1.FleetList) error {
	if len(w.Namespaces) == 0 {
		return w.Reader.List(ctx, into)
	}
	for _, ns := range w.Namespaces {
		list := &v1alpha1.FleetList{}
		if err := w.Reader.List(ctx, list, client.InNamespace(ns)); err != nil {
			return err
		}
		into.Items = append(into.Items, list.Items...)
	}
	return nil
}
