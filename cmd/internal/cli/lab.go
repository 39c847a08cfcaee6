package cli

import (
	"crypto/rand"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"

	"steepest/lab"
)

type labCmd struct {
	Dir string `arg:"" optional:"" placeholder:"DIR" help:"The folder of the runs, as given to --runs of other commands. Default: runs, which may appear later."`

	Listen string `group:"run" default:"127.0.0.1:7077" placeholder:"HOST:PORT" help:"Address at which to serve the pages; port 0 takes any free port. An address other than this machine's own requires a token (${default})."`
}

// Help shows how lab is used.
func (labCmd) Help() string {
	return `Serves pages for a browser: the runs of a folder while they grow, with medians and bands over their seeds, and what was measured
over any axis. The lab only reads files, so the training process knows nothing of it. The second page is a playground: methods on
functions of two unknowns, with sliders for the step sizes. The third page plays the scenes of the lecture. Ctrl-C ends the lab. Examples:

    steepest lab
    steepest lab runs
    steepest lab runs --listen 0.0.0.0:7077`
}

// Run serves until it is interrupted.
func (c *labCmd) Run(w *world) error {
	if c.Dir == "" {
		c.Dir = "runs"
	} else if info, err := os.Stat(c.Dir); err != nil || !info.IsDir() {
		return badData("steepest minimize … --runs "+c.Dir+" makes one", "%s is not a folder of runs", c.Dir)
	}
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		var where *net.OpError
		if errors.As(err, &where) {
			err = where.Err
		}
		return usage("--listen 127.0.0.1:0 takes a port that is free", "--listen: %s cannot be listened on: %s", c.Listen, err)
	}
	o := lab.Options{Dir: c.Dir, Listen: c.Listen}
	address := url.URL{Scheme: "http", Host: l.Addr().String(), Path: "/"}
	if at, err := netip.ParseAddrPort(l.Addr().String()); err != nil || !at.Addr().IsLoopback() {
		o.Token = rand.Text()
		address.RawQuery = "token=" + o.Token
		if at.Addr().IsUnspecified() {
			address.Host = net.JoinHostPort(ownAddress(), strconv.Itoa(int(at.Port())))
		}
	}
	w.salvages("the lab ends", func() error { return nil })
	w.say("the lab is at %s\n", &address)
	return lab.Serve(w, l, o)
}

// ownAddress returns an address by which other machines reach this one, or localhost if it has none.
func ownAddress() string {
	list, _ := net.InterfaceAddrs()
	for _, a := range list {
		if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() {
			return n.IP.String()
		}
	}
	return "localhost"
}
