package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"steepest/internal/durable"
)

// patience is how long a command that has been interrupted may take to end by itself. What it computes then is left behind.
const patience = 400 * time.Millisecond

// patience is less where a launcher grants little: three quarters of that are for what is saved.
func (r *ranks) patience() time.Duration {
	if grace := r.launcher.Grace; grace > 0 {
		return min(patience, grace/4)
	}
	return patience
}

// interruption is the signal that interrupts a command: the cause of the end of its context.
type interruption struct{ syscall.Signal }

func (i interruption) Error() string { return "interrupted" }

// code returns the exit code that shells expect.
func (i interruption) code() int { return 128 + int(i.Signal) }

// interruptible returns a context that the first signal ends, of Ctrl-C, a process that asks for the end, or a terminal that is closed, or
// that is named. The second one, or Ctrl-\, ends the program at once. What the program was started to ignore, as by nohup, it ignores.
func interruptible(also ...os.Signal) context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	quit := make(chan os.Signal, 1)
	signal.Notify(quit, syscall.SIGQUIT)
	go func() { os.Exit(interruption{(<-quit).(syscall.Signal)}.code()) }()
	signals := make(chan os.Signal, 2)
	for _, s := range append([]os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}, also...) {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	next := func() interruption { return interruption{(<-signals).(syscall.Signal)} }
	go func() {
		cancel(next())
		os.Exit(next().code())
	}()
	return ctx
}

// salvage is what an interruption keeps of a command that computes: in words, and by a function that may be called while it does.
type salvage struct {
	words string
	keep  func() error
}

// salvages says what an interruption keeps from now on.
func (w *world) salvages(words string, keep func() error) { w.salvage.Store(&salvage{words, keep}) }

// execute runs a command and returns its exit code. A command that has been interrupted and does not end soon is left behind, with
// whatever it computes; what it has made until then is kept.
func (w *world) execute(command func() error) int {
	done := make(chan error, 1)
	go func() { done <- recovered(command) }()
	select {
	case err := <-done:
		return w.report(err)
	case <-w.Done():
		w.announce()
	}
	select {
	case err := <-done:
		return w.report(err)
	case <-time.After(w.patience()):
		return w.report(recovered(w.abandon))
	}
}

// announce says what an interruption does.
func (w *world) announce() {
	words := "the program ends, and nothing more is written"
	if s := w.salvage.Load(); s != nil {
		words = s.words
	}
	below := ""
	if w.stderr.tty {
		below = "\n" // the ^C that the terminal shows
	}
	fmt.Fprintf(w.stderr, "%sinterrupted: %s; a second signal ends the program at once\n", below, words)
}

// abandon keeps what there is of a command that goes on computing.
func (w *world) abandon() error {
	defer durable.RemoveTemporaries()
	if s := w.salvage.Load(); s != nil {
		return s.keep()
	}
	return w.interruption("", "interrupted; nothing more is written")
}

// interrupted reports whether an error is what a signal did to the world.
func (w *world) interrupted(err error) bool { return err != nil && errors.Is(err, context.Cause(w)) }

// interruption returns the failure of a command that a signal has ended.
func (w *world) interruption(hint, format string, args ...any) error {
	code := exitInterrupted
	var cause interruption
	if errors.As(context.Cause(w), &cause) {
		code = cause.code()
	}
	return &failure{code, fmt.Errorf(format, args...), hint}
}

// ended returns what is told last of a run: what could not be written (lost), or at which step it was interrupted; nil for a run that is
// over. Saves says whether the run writes anything.
func (w *world) ended(step int, saves bool, runErr, lost error) error {
	switch {
	case lost != nil && runErr != nil:
		return w.interruption("", "%s", inFlags(lost.Error()))
	case lost != nil:
		return errors.New(inFlags(lost.Error()))
	case runErr == nil:
		return nil
	case saves:
		return w.interruption("", "interrupted at step %d; what there was is saved", step)
	}
	return w.interruption("", "interrupted at step %d; nothing is saved", step)
}
