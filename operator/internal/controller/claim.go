package controller

import (
	"cmp"
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

// claim claims the fleet for the object, and returns the other objects that declare the same
// fleet of the same organisation, the oldest first. The claim is in the status before
// anything is sent: of two objects at the same time, at least one sees the other.
func (w *work) claim(ctx context.Context) (rivals []*v1alpha1.Fleet, err error) {
	organization, err := w.entry.session.Organization(ctx, w.isNew())
	if err != nil {
		return nil, err
	}
	if !w.setClaim(organization) {
		return w.rivalsIn(w.readClaims(ctx, claims(&w.fleet.Status)))
	}
	if err := w.writeStatus(ctx); err != nil {
		return nil, err
	}
	return w.rivalsIn(w.readFleets(ctx)) // the cache may not have what was written a moment ago
}

// rivalsIn returns the objects of a list that declare the fleet, too, the oldest first.
func (w *work) rivalsIn(others *v1alpha1.FleetList, err error) (rivals []*v1alpha1.Fleet, _ error) {
	if err != nil {
		return nil, err
	}
	own := claims(&w.fleet.Status)
	for i := range others.Items {
		o := &others.Items[i]
		if o.UID != w.fleet.UID && slices.ContainsFunc(claims(&o.Status), func(c string) bool { return slices.Contains(own, c) }) {
			rivals = append(rivals, o)
		}
	}
	slices.SortFunc(rivals, compareAge)
	return rivals, nil
}

// compareAge orders objects by their age, the oldest first. Creation times have a resolution
// of a second, so that uids decide between objects of the same second.
func compareAge(a, b *v1alpha1.Fleet) int {
	return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.UID, b.UID))
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

// yieldsTo reports whether an object that is deleted leaves its fleet to a rival: to one that
// stays, or of two that are deleted, to the older one. It deletes the fleet only if it yields
// to none.
func (w *work) yieldsTo(rival *v1alpha1.Fleet) bool {
	return rival.DeletionTimestamp == nil || compareAge(rival, w.fleet) < 0
}

// rivalName returns how a rival is named to the user of the object. Names of other
// namespaces are not shown.
func (w *work) rivalName(rival *v1alpha1.Fleet) string {
	if rival.Namespace != w.fleet.Namespace {
		return "an object in another namespace"
	}
	return "the object " + rival.Name
}
