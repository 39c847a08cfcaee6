package train

import (
	"sync"
	"time"
)

// clock measures the time that a run spends in steps, over several intervals.
type clock struct {
	mutex   sync.Mutex
	elapsed time.Duration // before the current interval
	since   time.Time
	running bool
}

func (c *clock) start() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if !c.running {
		c.since, c.running = time.Now(), true
	}
}

func (c *clock) stop() { c.set(c.read()) }

// set stops the clock at the given time.
func (c *clock) set(elapsed time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.elapsed, c.running = elapsed, false
}

func (c *clock) read() time.Duration {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if !c.running {
		return c.elapsed
	}
	return c.elapsed + time.Since(c.since)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
