{{- define "anteroom.name" -}}
{{- .Release.Name | trunc 53 | trimSuffix "-" -}}
{{- end -}}

{{- define "anteroom.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "anteroom.labels" -}}
{{ include "anteroom.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "anteroom.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "anteroom.name" .) }}{{ else }}{{ .Values.serviceAccount.name | default "default" }}{{ end -}}
{{- end -}}

{{- /* What the processes speak. */ -}}
{{- define "anteroom.scheme" -}}
{{- if index .Values.settings "tls-cert" }}https{{ else }}http{{ end -}}
{{- end -}}

{{- /* How many seconds a process may take to end: as long as it goes on serving, then 30 for what runs, and 5 to spare. A date is what templates can add a duration to. */ -}}
{{- define "anteroom.endsWithin" -}}
{{- $begin := toDate "2006" "2000" -}}
{{- $end := mustDateModify (index .Values.settings "stop-delay" | default "5s" | print "+") $begin -}}
{{ sub (unixEpoch $end) (unixEpoch $begin) | add 35 }}
{{- end -}}

{{- /* What pods of the Deployment and of the Job have in common; the argument is (dict "root" $ "settings" name-of-the-ConfigMap). */ -}}
{{- define "anteroom.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false # its variables look like settings
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile: {type: RuntimeDefault}
volumes:
  - name: settings
    configMap: {name: {{ .settings }}}
  - name: secrets
    secret:
      secretName: {{ .root.Values.secret.name }}
      defaultMode: 0440
      items:
        {{- range .root.Values.secret.keys }}
        - {key: {{ . }}, path: {{ . }}}
        {{- end }}
  {{- with .root.Values.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "anteroom.container" -}}
image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
env:
  {{- range .Values.secret.keys }}
  - name: ANTEROOM_{{ . | upper | replace "-" "_" }}_FILE
    value: /etc/anteroom/secrets/{{ . }}
  {{- end }}
  {{- with .Values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
volumeMounts:
  - {name: settings, mountPath: /etc/anteroom/settings, readOnly: true}
  - {name: secrets, mountPath: /etc/anteroom/secrets, readOnly: true}
  {{- with .Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "anteroom.settings" -}}
anteroom.yaml: |
  metrics-listen: {{ printf ":%v" .Values.metricsPort | quote }}
  {{- range $name, $value := .Values.settings }}
  {{- if not (kindIs "invalid" $value) }}
  {{ $name }}: {{ toJson $value }}
  {{- end }}
  {{- end }}
{{- end -}}
