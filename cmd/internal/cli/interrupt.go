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

// patience is the time that an interrupted command has to end by itself. After that the program abandons it.
const patience = 400 * time.Millisecond

// patience is at most a quarter of the grace period of the launcher. The rest is for saving.
func (r *ranks) patience() time.Duration {
	if grace := r.launcher.Grace; grace > 0 {
		return min(patience, grace/4)
	}
	return patience
}

// interruption is the signal that interrupted a command. It is the cause with which the context ends.
type interruption struct{ syscall.Signal }

func (i interruption) Error() string { return "interrupted" }

// code returns the exit code that shells expect.
func (i interruption) code() int { return 128 + int(i.Signal) }

// interruptible returns a context that ends with the first signal: SIGINT (Ctrl-C), SIGTERM, SIGHUP (a closed terminal), or one of the
// signals given. The second signal, or SIGQUIT (Ctrl-\), ends the program at once. A signal that the program was started to ignore, for
// example by nohup, stays ignored.
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

// salvage says in words what an interruption keeps, and has a function that keeps it. The function may be called while the command computes.
type salvage struct {
	words string
	keep  func() error
}

// salvages sets what an interruption keeps from now on.
func (w *world) salvages(words string, keep func() error) { w.salvage.Store(&salvage{words, keep}) }

// lastStep says what an interruption keeps of a run.
func lastStep(saves bool) string {
	if !saves {
		return "the run ends with its last whole step"
	}
	return "the run ends with its last whole step, and its results are saved"
}

// execute runs a command and returns its exit code. If an interrupted command does not end soon, execute abandons the computation and
// saves what there is.
func (w *world) execute(command func() error) int {
	done := make(chan error, 1)
	go func() { done <- recovered(command) }()
	select {
	case err := <-done:
		if err != nil && w.Err() != nil { // both cases were ready
			w.announce()
		}
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

// announce prints what the interruption does.
func (w *world) announce() {
	words := "the program ends, and nothing more is written"
	if s := w.salvage.Load(); s != nil {
		words = s.words
	}
	below := ""
	if w.stderr.tty {
		below = "\n" // go below the ^C that the terminal shows
	}
	fmt.Fprintf(w.stderr, "%sinterrupted: %s; a second signal ends the program at once\n", below, words)
}

// abandon saves the results of a command that is still computing.
func (w *world) abandon() error {
	defer durable.RemoveTemporaries()
	if s := w.salvage.Load(); s != nil {
		return s.keep()
	}
	return w.interruption("", "interrupted; nothing more is written")
}

// interrupted reports whether an error comes from the signal that ended the world's context.
func (w *world) interrupted(err error) bool { return err != nil && errors.Is(err, context.Cause(w)) }

// interruption returns the failure of a command that a signal ended.
func (w *world) interruption(hint, format string, args ...any) error {
	code := exitInterrupted
	var cause interruption
	if errors.As(context.Cause(w), &cause) {
		code = cause.code()
	}
	return &failure{code, fmt.Errorf(format, args...), hint}
}

// ended returns the final error of a run: what could not be written (lost), or the step at which it was interrupted; nil for a run that
// finished. Saves says whether the run writes anything.
func (w *world) ended(step int, saves bool, runErr, lost error) error {
	switch {
	case lost != nil && runErr != nil:
		return w.interruption("", "%w", reworded(lost))
	case lost != nil:
		return &failure{exitFailure, reworded(lost), ""}
	case runErr == nil:
		return nil
	case saves:
		return w.interruption("", "interrupted at step %d; what there was is saved", step)
	}
	return w.interruption("", "interrupted at step %d; nothing is saved", step)
}
