package lab

import (
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// The limits of the server. No handler reads a body.
const (
	mostHeader      = 32 << 10
	mostConnections = 1024 // without those that wait for changes
	headerTime      = 5 * time.Second
	answerTime      = 2 * time.Minute // a scene of the lecture takes long
)

// policy lets a page load files and data only from this server.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// guard checks each request before all handlers. The host must be one of ours, since another site can point its own name at our address.
// The request must come from one of our pages or from no page. If there is a token, the request must have it.
func guard(next http.Handler, listen, token string) http.Handler {
	cross := http.NewCrossOriginProtection()
	host, _, _ := net.SplitHostPort(listen)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		switch {
		case !ours(r.Host, host):
			http.Error(w, "this server is not known by that name", http.StatusForbidden)
		case cross.Check(r) != nil || fromElsewhere(r):
			http.Error(w, "a page of another site may not ask", http.StatusForbidden)
		case token != "" && !admitted(w, r, token):
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// ours reports whether the host of a request is a name of this server: an IP address, localhost, or the name that it listens on.
func ours(host, listen string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	} else if len(host) > 1 && host[0] == '[' && host[len(host)-1] == ']' {
		name = host[1 : len(host)-1]
	}
	if name == "localhost" || listen != "" && name == listen {
		return true
	}
	address, err := netip.ParseAddr(name)
	if err != nil {
		return false
	}
	own, err := netip.ParseAddr(listen)
	return address.IsLoopback() || err == nil && (own.IsUnspecified() || own == address) || listen == ""
}

// fromElsewhere reports whether a page of another site makes the request, even if it could not read the answer. Links from other sites are
// allowed.
func fromElsewhere(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+r.Host && origin != "https://"+r.Host {
		return true
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return (site == "cross-site" || site == "same-site") && r.Header.Get("Sec-Fetch-Mode") != "navigate"
}

// admitted checks the token, which is in the address or in a cookie. A token in the address is moved to the cookie.
func admitted(w http.ResponseWriter, r *http.Request, token string) bool {
	same := func(given string) bool { return subtle.ConstantTimeCompare([]byte(given), []byte(token)) == 1 }
	if c, err := r.Cookie("steepest"); err == nil && same(c.Value) {
		return true
	}
	query := r.URL.Query()
	if !same(query.Get("token")) {
		http.Error(w, "the address that steepest lab has printed holds a token, which is needed here", http.StatusForbidden)
		return false
	}
	http.SetCookie(w, &http.Cookie{Name: "steepest", Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	query.Del("token")
	address := *r.URL
	address.RawQuery = query.Encode()
	address.Scheme, address.Host = "", ""
	http.Redirect(w, r, "/"+trimSlashes(address.RequestURI()), http.StatusSeeOther)
	return false
}

// trimSlashes removes the leading slashes of a path, so that it cannot be read as the address of another host.
func trimSlashes(path string) string {
	for len(path) > 0 && (path[0] == '/' || path[0] == '\\') {
		path = path[1:]
	}
	return path
}

// limit makes excess connections wait. If they were closed, clients would just try again.
func limit() func(net.Conn, http.ConnState) {
	room := make(chan struct{}, mostConnections)
	return func(_ net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			room <- struct{}{}
		case http.StateClosed, http.StateHijacked:
			<-room
		}
	}
}
