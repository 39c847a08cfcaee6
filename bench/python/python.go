// Package python runs contestants that are written in Python: programs that answer a line to a line.
package python

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// Program is a running program.
type Program struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// Start runs a program, given as its text, and returns its first answer, which says that it is ready.
func Start(interpreter, text string, args ...string) (p *Program, ready string, err error) {
	p = &Program{command: exec.Command(interpreter, append([]string{"-c", text}, args...)...)}
	p.command.Stderr = os.Stderr
	if p.in, err = p.command.StdinPipe(); err != nil {
		return nil, "", err
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	p.out = bufio.NewReader(out)
	if err := p.command.Start(); err != nil {
		return nil, "", err
	}
	if ready, err = p.answer(); err != nil {
		p.Stop()
		return nil, "", err
	}
	return p, ready, nil
}

// Ask writes a line and returns the answer.
func (p *Program) Ask(format string, args ...any) (string, error) {
	if _, err := fmt.Fprintf(p.in, format+"\n", args...); err != nil {
		return "", err
	}
	return p.answer()
}

func (p *Program) answer() (string, error) {
	line, err := p.out.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("no answer from Python: %w", err)
	}
	return strings.TrimSpace(line), nil
}

// Stop ends the program.
func (p *Program) Stop() {
	p.in.Close()
	p.command.Wait()
}
