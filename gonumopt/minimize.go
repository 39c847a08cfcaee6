package gonumopt

import (
	"errors"
	"sync"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
)

// Minimize is optimize.Minimize with one difference. gonum calls the problem and the method in its own goroutines, where a panic would end
// the program. Minimize repeats such a panic in the caller's goroutine, where it can be recovered.
func Minimize(p optimize.Problem, x []float64, settings *optimize.Settings, method optimize.Method) (*optimize.Result, error) {
	switch { // as gonum chooses
	case method == nil && p.Grad != nil:
		method = new(optimize.LBFGS)
	case method == nil:
		method = new(optimize.NelderMead)
	}
	f := new(fault)
	result, err := optimize.Minimize(f.problem(p), x, settings, carried{method, f})
	if f.happened() {
		panic(f.value)
	}
	return result, err
}

// errFault ends a run in which something has panicked.
var errFault = errors.New("gonumopt: a panic")

// fault is the first panic of a run.
type fault struct {
	mutex sync.Mutex
	is    bool
	value any
}

// catch keeps the panic of the function that defers it.
func (f *fault) catch() {
	if v := recover(); v != nil {
		f.mutex.Lock()
		defer f.mutex.Unlock()
		if !f.is {
			f.is, f.value = true, v
		}
	}
}

func (f *fault) happened() bool {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.is
}

// problem returns the problem with functions that do not panic. The run ends after a function would have panicked.
func (f *fault) problem(p optimize.Problem) optimize.Problem {
	q := p
	if p.Func != nil {
		q.Func = func(x []float64) (v float64) {
			defer f.catch()
			return p.Func(x)
		}
	}
	if p.Grad != nil {
		q.Grad = func(grad, x []float64) {
			defer f.catch()
			p.Grad(grad, x)
		}
	}
	if p.Hess != nil {
		q.Hess = func(hess *mat.SymDense, x []float64) {
			defer f.catch()
			p.Hess(hess, x)
		}
	}
	q.Status = func() (optimize.Status, error) {
		if f.happened() {
			return optimize.Failure, errFault
		}
		if p.Status == nil {
			return optimize.NotTerminated, nil
		}
		return p.Status()
	}
	return q
}

// carried is a method whose Run does not panic.
type carried struct {
	optimize.Method
	fault *fault
}

// Run runs the method. After a panic it reports that the method is done, as gonum requires.
func (c carried) Run(operation chan<- optimize.Task, result <-chan optimize.Task, tasks []optimize.Task) {
	if c.run(operation, result, tasks) {
		return
	}
	operation <- optimize.Task{Op: optimize.MethodDone}
	for range result { // closed before operation is
	}
	close(operation)
}

// run reports whether the method has returned.
func (c carried) run(operation chan<- optimize.Task, result <-chan optimize.Task, tasks []optimize.Task) (done bool) {
	defer c.fault.catch()
	c.Method.Run(operation, result, tasks)
	return true
}

// Status returns the status of the method, if it has one.
func (c carried) Status() (optimize.Status, error) {
	if c.fault.happened() {
		return optimize.Failure, errFault
	}
	if s, ok := c.Method.(optimize.Statuser); ok {
		return s.Status()
	}
	return optimize.NotTerminated, nil
}
