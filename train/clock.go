package train

import (
	"sync"
	"sync/atomic"
	"time"
)

// clock measures the time that a run spends in steps, over several intervals.
type clock struct {
	mutex   sync.Mutex
	elapsed time.Duration // before the current interval
	since   time.Time
	running atomic.Bool // changes under mutex
}

func (c *clock) start() {
	if c.running.Load() { // as in most steps; a mutex would wait for memory
		return
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.since = time.Now()
	c.running.Store(true)
}

func (c *clock) stop() { c.set(c.read()) }

// set stops the clock at the given time.
func (c *clock) set(elapsed time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.elapsed = elapsed
	c.running.Store(false)
}

func (c *clock) read() time.Duration {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if !c.running.Load() {
		return c.elapsed
	}
	return c.elapsed + time.Since(c.since)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
