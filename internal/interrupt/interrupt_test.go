package interrupt

import (
	"os"
	"syscall"
	"testing"
)

// signalled returns an Interrupt and a function that sends it a signal. The
// function returns when the signal was received, not when it was handled.
func signalled(t *testing.T, exitProcess func(int)) (*Interrupt, chan os.Signal, chan os.Signal) {
	signals, hangups := make(chan os.Signal), make(chan os.Signal)
	i := New(signals, hangups, exitProcess)
	t.Cleanup(i.Close)
	return i, signals, hangups
}

func TestFirstSignalEnds(t *testing.T) {
	i, signals, _ := signalled(t, nil)
	if i.Signal() != 0 {
		t.Errorf("signal %d before any", i.Signal())
	}
	signals <- syscall.SIGTERM
	<-i.Context.Done()
	if i.Signal() != int(syscall.SIGTERM) {
		t.Errorf("signal %d, want SIGTERM", i.Signal())
	}
}

func TestGracefulStop(t *testing.T) {
	i, signals, _ := signalled(t, nil)
	stop, end := i.BeginGraceful()
	defer end()
	signals <- syscall.SIGINT
	<-stop
	if i.Context.Err() != nil {
		t.Error("the first signal ended the context")
	}
	signals <- syscall.SIGINT
	<-i.Context.Done()
}

func TestEndOfGracefulStop(t *testing.T) {
	i, signals, _ := signalled(t, nil)
	stop, end := i.BeginGraceful()
	signals <- syscall.SIGINT
	<-stop
	end()
	<-i.Context.Done()
}

func TestThirdSignalExits(t *testing.T) {
	codes := make(chan int, 1)
	_, signals, _ := signalled(t, func(code int) { codes <- code })
	for range maxSignals + 1 {
		signals <- syscall.SIGINT
	}
	if code := <-codes; code != 130 {
		t.Errorf("exit code %d, want 130", code)
	}
}

func TestReload(t *testing.T) {
	i, _, hangups := signalled(t, nil)
	reloads := i.Reloads()
	hangups <- syscall.SIGHUP
	hangups <- syscall.SIGHUP // the first may be pending: it is one reload or two, and never the end
	<-reloads
	if i.Context.Err() != nil || i.Signal() != 0 {
		t.Error("a reload ended the command")
	}
}

func TestHangupEnds(t *testing.T) {
	i, _, hangups := signalled(t, nil)
	hangups <- syscall.SIGHUP
	<-i.Context.Done()
}
