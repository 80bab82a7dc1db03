package embedded

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"
)

const loopback = "127.0.0.1"

// ports are free when they are picked. Another program may take them before
// LiveKit does; then it ends at once, and Start tries others.
type ports struct{ tcp, udp uint16 }

func pickPorts() (ports, error) {
	address := net.IPv4(127, 0, 0, 1)
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: address})
	if err != nil {
		return ports{}, err
	}
	packets, err := net.ListenUDP("udp", &net.UDPAddr{IP: address})
	if err != nil {
		return ports{}, errors.Join(err, listener.Close())
	}
	p := ports{
		tcp: netip.MustParseAddrPort(listener.Addr().String()).Port(),
		udp: netip.MustParseAddrPort(packets.LocalAddr().String()).Port(),
	}
	return p, errors.Join(listener.Close(), packets.Close())
}

// writeConfig writes LiveKit's configuration file and gives its path. Everything
// is on loopback; LiveKit's --dev is not: it opens UDP ports to everybody.
func writeConfig(o Options, p ports, redisAddr string) (string, error) {
	keys := map[string]string{o.APIKey: o.APISecret}
	maps.Copy(keys, o.OtherKeys)
	config := map[string]any{
		"port":           p.tcp,
		"bind_addresses": []string{loopback},
		"rtc": map[string]any{
			"tcp_port":                  0,
			"udp_port":                  p.udp,
			"node_ip":                   loopback,
			"use_external_ip":           false,
			"enable_loopback_candidate": true,
			"interfaces":                map[string]any{"includes": []string{loopbackInterface()}},
			"ips":                       map[string]any{"includes": []string{loopback + "/32"}},
			"stun_servers":              []string{loopback + ":3478"},
		},
		// Below warnings LiveKit logs its calls with their PINs.
		"logging": map[string]any{"level": "warn"},
		"keys":    keys,
	}
	if !o.Bare {
		config["redis"] = map[string]any{"address": redisAddr}
		config["room"] = map[string]any{"enable_remote_unmute": true}
	}
	if len(o.WebhookURLs) > 0 {
		config["webhook"] = map[string]any{"api_key": o.APIKey, "urls": o.WebhookURLs}
	}
	text, err := yaml.Marshal(config)
	if err != nil {
		return "", err
	}
	path := filepath.Join(o.Dir, BinaryName+".yaml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return "", fmt.Errorf("write LiveKit's configuration: %w", err)
	}
	return path, nil
}

// Access is where a server answers, and to which key.
type Access struct{ URL, APIKey, APISecret string }

// Configured reads what the server that was last started in a folder answers to.
func Configured(dir string) (Access, error) {
	text, err := os.ReadFile(filepath.Join(dir, BinaryName+".yaml"))
	if err != nil {
		return Access{}, err
	}
	var config struct {
		Port uint16
		Keys map[string]string
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		return Access{}, fmt.Errorf("read LiveKit's configuration: %w", err)
	}
	for key, secret := range config.Keys {
		return Access{(&Server{port: config.Port}).URL(), key, secret}, nil
	}
	return Access{}, errors.New("LiveKit's configuration has no key")
}

// loopbackInterface is the name of the interface with the loopback address.
func loopbackInterface() string {
	interfaces, _ := net.Interfaces()
	for _, i := range interfaces {
		if i.Flags&net.FlagLoopback != 0 {
			return i.Name
		}
	}
	return "lo"
}
