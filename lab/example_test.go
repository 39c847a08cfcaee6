package lab_test

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"

	"steepest/lab"
)

// A program serves the lab while it works, on a free port of this machine.
func ExampleServe() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- lab.Serve(ctx, l, lab.Options{Listen: l.Addr().String()}) }()

	answer, err := http.Get("http://" + l.Addr().String())
	if err != nil {
		log.Fatal(err)
	}
	answer.Body.Close()
	fmt.Println(answer.Status, answer.Header.Get("Content-Type"))
	stop()
	<-served
	// Output:
	// 200 OK text/html; charset=utf-8
}
