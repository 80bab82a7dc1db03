// Command chart checks a Helm chart without a cluster: it lints it, renders it
// with each file of values that it is given, and decodes what comes out strictly as
// the types of Kubernetes, so that a misspelt field is found.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/scheme"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "chart: which chart, with which values? Example: chart deploy/helm/anteroom deploy/helm/values/*.yaml")
		os.Exit(2)
	}
	failed := false
	for _, path := range os.Args[2:] {
		if err := check(os.Args[1], path); err != nil {
			fmt.Fprintf(os.Stderr, "chart: with %s: %v\n", path, err)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}

func check(chart, valuesPath string) error {
	values, err := chartutil.ReadValuesFile(valuesPath)
	if err != nil {
		return err
	}
	var problems []error
	for _, m := range lint.All(chart, values, "default", true).Messages {
		if m.Severity > support.InfoSev {
			problems = append(problems, m.Err)
		}
	}
	_, err = render(chart, values)
	return errors.Join(append(problems, err)...)
}

func render(path string, values chartutil.Values) ([]runtime.Object, error) {
	c, err := loader.Load(path)
	if err != nil {
		return nil, err
	}
	release := chartutil.ReleaseOptions{Name: "meet", Namespace: "default", Revision: 1, IsInstall: true}
	all, err := chartutil.ToRenderValues(c, values, release, chartutil.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	rendered, err := engine.Render(c, all)
	if err != nil {
		return nil, err
	}
	decoder := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	var objects []runtime.Object
	var problems []error
	for name, text := range rendered {
		if !strings.HasSuffix(name, ".yaml") {
			continue
		}
		for _, part := range strings.Split(text, "\n---\n") {
			if strings.TrimSpace(part) == "" {
				continue
			}
			object, _, err := decoder.Decode([]byte(part), nil, nil)
			if err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", name, err))
				continue
			}
			objects = append(objects, object)
		}
	}
	return objects, errors.Join(problems...)
}
