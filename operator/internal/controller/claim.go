package controller

import (
	"context"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"fleet/operator/api/v1alpha1"
)

// claimIndex is the index of objects by the fleets that they declare.
const claimIndex = "claim"

// claims returns what is unique among objects: the fleet that an object declares, and its
// former names, whose sandboxes it owns, too. The server is a part of it: another one could
// report the organisation of others.
func claims(s *v1alpha1.FleetStatus) (list []string) {
	if s.Fleet == "" {
		return nil
	}
	for _, name := range append([]string{s.Fleet}, s.FormerFleets...) {
		list = append(list, s.Server+"\x00"+s.Organization+"\x00"+name)
	}
	return list
}

// indexClaim is the function of the index.
func indexClaim(o client.Object) []string {
	if f, ok := o.(*v1alpha1.Fleet); ok {
		return claims(&f.Status)
	}
	return nil
}

// setClaim sets what the object declares in its status, and reports whether that is new.
func (w *work) setClaim(organization string) (isNew bool) {
	before := claims(&w.fleet.Status)
	s, fleet := &w.fleet.Status, w.entry.session.Fleet()
	s.Server, s.Organization = w.entry.session.Server(), organization
	s.Fleet, s.FormerFleets = fleet.Name, fleet.FormerNames
	return !slices.Equal(before, claims(s))
}

// claim claims the fleet for the object, and returns another object that declares the
// same fleet of the same organisation; nil for none. The claim is in the status before
// anything is sent: of two objects at the same time, at least one sees the other.
func (w *work) claim(ctx context.Context) (rival *v1alpha1.Fleet, err error) {
	organization, err := w.entry.session.Organization(ctx, w.isNew())
	if err != nil {
		return nil, err
	}
	if !w.setClaim(organization) {
		return w.rivalIn(w.readClaims(ctx, claims(&w.fleet.Status)))
	}
	if err := w.writeStatus(ctx); err != nil {
		return nil, err
	}
	return w.rivalIn(w.readFleets(ctx)) // the cache may not have what was written a moment ago
}

// rivalIn returns an object of a list that declares the fleet, too.
func (w *work) rivalIn(others *v1alpha1.FleetList, err error) (*v1alpha1.Fleet, error) {
	if err != nil {
		return nil, err
	}
	own := claims(&w.fleet.Status)
	for i := range others.Items {
		o := &others.Items[i]
		if o.UID != w.fleet.UID && slices.ContainsFunc(claims(&o.Status), func(c string) bool { return slices.Contains(own, c) }) {
			return o, nil
		}
	}
	return nil, nil
}

// readClaims reads the objects with one of the claims from the cache.
func (r *Reconciler) readClaims(ctx context.Context, claims []string) (*v1alpha1.FleetList, error) {
	all := &v1alpha1.FleetList{}
	for _, c := range claims {
		list := &v1alpha1.FleetList{}
		if err := r.Client.List(ctx, list, client.MatchingFields{claimIndex: c}); err != nil {
			return nil, err
		}
		all.Items = append(all.Items, list.Items...)
	}
	return all, nil
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

// yields reports whether an object that is deleted leaves its fleet to a rival: to one that
// stays, or of two that are deleted, to the older one.
func (w *work) yields(rival *v1alpha1.Fleet) bool {
	if rival.DeletionTimestamp == nil {
		return true
	}
	a, b := w.fleet.CreationTimestamp.Time, rival.CreationTimestamp.Time
	if a.Equal(b) {
		return rival.UID < w.fleet.UID
	}
	return b.Before(a)
}

// rivalName returns how a rival is named to the user of the object. Names of other
// namespaces are not shown.
func (w *work) rivalName(rival *v1alpha1.Fleet) string {
	if rival.Namespace != w.fleet.Namespace {
		return "an object in another namespace"
	}
	return "the object " + rival.Name
}
