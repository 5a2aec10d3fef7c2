// Package systemd reports the state of the process to systemd, as services of
// Type=notify-reload do, and feeds its watchdog. Without systemd it does nothing.
package systemd

import (
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"fleet/internal/foreign"
)

// maxStatus bounds the text of a status, in bytes.
const maxStatus = 512

// A Service sends notifications to the socket that the environment variable
// NOTIFY_SOCKET names; a name that starts with @ is an abstract socket. Without the
// variable, its methods do nothing and return nil. They may be called concurrently. An
// error means that systemd was not notified; the service itself can continue.
type Service struct{}

// Ready reports that the start or a reload is complete.
func (Service) Ready() error { return notify(daemon.SdNotifyReady) }

// Reloading reports that the spec is read again. [Service.Ready] ends it.
func (Service) Reloading() error {
	return notify(daemon.SdNotifyReloading + "\n" + strings.TrimSuffix(daemon.SdNotifyMonotonicUsec(), "\n"))
}

// Stopping reports that the service ends.
func (Service) Stopping() error { return notify(daemon.SdNotifyStopping) }

// Status sets the line that systemctl status shows.
func (Service) Status(text string) error {
	text = foreign.Escape(strings.Join(strings.Fields(text), " "))
	if len(text) > maxStatus {
		text = strings.ToValidUTF8(text[:maxStatus], "")
	}
	return notify("STATUS=" + text)
}

func notify(state string) error {
	_, err := daemon.SdNotify(false, state)
	return err
}

// watchdogTimeout returns the time after which systemd ends a service that does not
// answer, or 0 if it has no watchdog.
func watchdogTimeout() (time.Duration, error) { return daemon.SdWatchdogEnabled(false) }
