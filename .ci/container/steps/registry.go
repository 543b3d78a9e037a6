package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The account of the registry, and its line in the registry's file of passwords.
const (
	user, password = "ci", "secret"
	account        = "ci:$2y$05$/ML3kXYj0L5nZJPClSnfUO5J6C9GECSkbihBl7bLhhOo1dgjvHuSe"
)

// registry is Debian's docker-registry, which keeps all in memory.
type registry struct {
	work, address string
	cmd           *exec.Cmd
}

func (r *registry) start(ctx context.Context) error {
	r.address = fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(10000))
	passwords, config := filepath.Join(r.work, "passwords"), filepath.Join(r.work, "registry.yml")
	text := fmt.Sprintf("version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage: {inmemory: {}}\n"+
		"http: {addr: %q}\nauth: {htpasswd: {realm: ci, path: %q}}\n", r.address, passwords)
	err := errors.Join(os.WriteFile(passwords, []byte(account+"\n"), 0o644), os.WriteFile(config, []byte(text), 0o644))
	if err != nil {
		return err
	}
	r.cmd = exec.CommandContext(ctx, "docker-registry", "serve", config)
	if err := r.cmd.Start(); err != nil {
		return err
	}
	for range 100 {
		conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", r.address)
		if err == nil {
			return conn.Close()
		}
		time.Sleep(50 * time.Millisecond)
	}
	r.stop()
	return errors.New("the registry does not listen")
}

func (r *registry) stop() {
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
}

// digests gives those by which an engine may know an image: of what was pushed, and of its configuration.
func (r *registry) digests(ctx context.Context, image string) ([]string, error) {
	name, tag, _ := strings.Cut(image, ":")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+r.address+"/v2/"+name+"/manifests/"+tag, http.NoBody)
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth(user, password)
	req.Header["Accept"] = []string{
		"application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json",
		"application/vnd.docker.distribution.manifest.v2+json",
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the registry has no %s: %s", image, data)
	}
	var manifest struct{ Config struct{ Digest string } }
	err = json.Unmarshal(data, &manifest)
	return []string{fmt.Sprintf("sha256:%x", sha256.Sum256(data)), manifest.Config.Digest}, err
}
