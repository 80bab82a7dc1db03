package main

import (
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"helm.sh/helm/v3/pkg/chartutil"
)

const (
	anteroom = "../../../deploy/helm/anteroom"
	// least are the values that have to be said; a test adds its own.
	least = `settings:
  public-url: https://meet.example.org
  livekit-url: http://livekit:7880
  livekit-public-url: wss://livekit.example.org
  livekit-api-key: anteroom
`
)

func rendered(t *testing.T, more string) ([]runtime.Object, error) {
	t.Helper()
	values, err := chartutil.ReadValues([]byte(least + more))
	if err != nil {
		t.Fatal(err)
	}
	return render(anteroom, values)
}

// of is the one object of a type that is rendered.
func of[T runtime.Object](t *testing.T, more string) T {
	t.Helper()
	all, err := rendered(t, more)
	if err != nil {
		t.Fatal(err)
	}
	var found []T
	for _, o := range all {
		if is, ok := o.(T); ok {
			found = append(found, is)
		}
	}
	if len(found) != 1 {
		t.Fatalf("there are %d of %T", len(found), *new(T))
	}
	return found[0]
}

// TestNodesCanBeDrained: also where one process serves.
func TestNodesCanBeDrained(t *testing.T) {
	for _, more := range []string{"", "replicas: 1\n", "autoscaling: {enabled: true, minReplicas: 1}\n"} {
		budget := of[*policyv1.PodDisruptionBudget](t, more).Spec
		if budget.MinAvailable != nil || budget.MaxUnavailable == nil || budget.MaxUnavailable.IntValue() != 1 {
			t.Errorf("with %q: %+v", more, budget)
		}
	}
}

// TestPodsMayEndInTime: a process that ends takes up to 30 seconds after its stop-delay.
func TestPodsMayEndInTime(t *testing.T) {
	for more, want := range map[string]int64{"": 40, "  stop-delay: 1m30s\n": 125, "  stop-delay: 1500ms\n": 36, "  stop-delay: 0s\n": 35} {
		if got := of[*appsv1.Deployment](t, more).Spec.Template.Spec.TerminationGracePeriodSeconds; got == nil || *got != want {
			t.Errorf("with %q: %v, want %d", more, got, want)
		}
	}
}

// TestExtras: folders, certificates and variables of one's own are at the processes
// and at the migrations.
func TestExtras(t *testing.T) {
	const more = `
extraVolumes:
  - name: recordings
    persistentVolumeClaim: {claimName: recordings}
extraVolumeMounts:
  - {name: recordings, mountPath: /recordings}
extraEnv:
  - {name: SSL_CERT_DIR, value: /etc/ssl/certs:/etc/anteroom/ca}
`
	for name, pod := range map[string]corev1.PodSpec{
		"serve":   of[*appsv1.Deployment](t, more).Spec.Template.Spec,
		"migrate": of[*batchv1.Job](t, more).Spec.Template.Spec,
	} {
		container := pod.Containers[0]
		if !slices.ContainsFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Name == "recordings" && v.PersistentVolumeClaim != nil }) {
			t.Errorf("%s: volumes are %+v", name, pod.Volumes)
		}
		if !slices.Contains(container.VolumeMounts, corev1.VolumeMount{Name: "recordings", MountPath: "/recordings"}) {
			t.Errorf("%s: mounts are %+v", name, container.VolumeMounts)
		}
		if !slices.Contains(container.Env, corev1.EnvVar{Name: "SSL_CERT_DIR", Value: "/etc/ssl/certs:/etc/anteroom/ca"}) {
			t.Errorf("%s: variables are %+v", name, container.Env)
		}
	}
}

// TestProbesSpeakTLS where the processes do.
func TestProbesSpeakTLS(t *testing.T) {
	for more, want := range map[string]struct {
		scheme   corev1.URIScheme
		protocol string
	}{
		"": {corev1.URISchemeHTTP, "kubernetes.io/h2c"},
		"  tls-cert: /etc/anteroom/tls/tls.crt\n  tls-key: /etc/anteroom/tls/tls.key\n": {corev1.URISchemeHTTPS, "https"},
	} {
		container := of[*appsv1.Deployment](t, more).Spec.Template.Spec.Containers[0]
		for _, probe := range []*corev1.Probe{container.StartupProbe, container.LivenessProbe, container.ReadinessProbe} {
			if probe.HTTPGet.Scheme != want.scheme {
				t.Errorf("with %q: %+v", more, probe.HTTPGet)
			}
		}
		if port := of[*corev1.Service](t, more).Spec.Ports[0]; *port.AppProtocol != want.protocol {
			t.Errorf("with %q: %s", more, *port.AppProtocol)
		}
	}
}

// TestRefusedValues: what would be passed over in silence, or would go round the
// settings, is refused.
func TestRefusedValues(t *testing.T) {
	for _, more := range []string{
		"podDisruptionBudget: {minAvailable: 1}\n",
		"podDisruptionBudget: {maxUnavailable: 0}\n",
		"terminationGracePeriodSeconds: 45\n",
		"  stop-delay: soon\n",
		"extraEnv: [{name: ANTEROOM_STOP_DELAY, value: 10m}]\n",
	} {
		if _, err := rendered(t, more); err == nil {
			t.Errorf("taken: %q", more)
		}
	}
}
