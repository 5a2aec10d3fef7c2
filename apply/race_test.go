//go:build race

package apply_test

// With the race detector everything takes several times as long.
func init() {
	*boxes = 50
	thinned = 5
}
