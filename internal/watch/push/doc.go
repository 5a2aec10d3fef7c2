// Package push triggers the passes of a watch by the platform's events.
//
// An event is only a reason to read an object: what it reports is not taken for the
// state. Events get lost, and labels, network settings, intervals and the content of
// volumes are never announced. What they hide is found when everything is listed again,
// which the package asks for after each connection.
package push
